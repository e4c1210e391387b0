// A camera whose picture a test changes while it is running. Chromium reads
// raw pictures from a file, one after another, and begins again at its end:
// what is written over the file is what the camera shows from then on. So each
// act starts when the test wants it, and no act is seen at another time.
//
// Every act is a round of three seconds that ends as it began: 36 pictures of
// 1280x720 at 12 a second, 50 MB.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { folder, make, models, picture, root } from "../media";

/** The build tags of the Makefile, for when a test is run without it. */
const tags = process.env.GOFLAGS ?? "-tags=gocv_specific_modules,gocv_calib3d,sqlite_fts5";
const rate = 12;
const seconds = 3;

/** What the camera can show. */
export type Act =
  | "sits" // the candidate looks at the camera
  | "holds" // and holds a specimen of an identity document up, with the own portrait
  | "hand" // a hand passes before the face, once a round
  | "left" // the head turns to its left and comes back, once a round
  | "mirrored" // the candidate looks at the camera, and the picture is mirrored
  | "right" // in that picture the head turns to its right and comes back
  | "cheek" // a finger presses on a cheek and moves in a small circle
  | "up" // the head is raised and comes back, once a round
  | "back" // the candidate has moved back to half the size
  | "outside" // the camera is pointed at a bright street, with nobody in it
  | "other"; // somebody else sits there

/** A candidate's face with the hair, as crop=w:h:x:y of a sample photo, and the portrait in it as left,top,right,bottom. */
const holderFace = { photo: "sample3.jpg", crop: "490:630:440:170", portrait: "530,250,850,660" };
const otherFace = { photo: "sample6.jpg", crop: "420:550:150:330" };

const turn = `2*PI*t/${seconds}`;
const wall = `color=c=0x788480:s=1280x720:r=${rate}:d=${seconds},noise=alls=7:allf=t`;
/** A head is never quite still. The photo ends left of where a document is held: no room has its edge. */
const sway = `x='200+10*sin(${turn})':y='75+6*cos(${turn})'`;

/**
 * By how many degrees a head is turned, to the picture's right and up; an act
 * that is not here shows it as in the photo. The photo shows it turned to the
 * picture's left already, and drawn further round to that side it is lost: a
 * turn to the right is one to the left in a mirror.
 */
const turns: Partial<Record<Act, { yaw: number; pitch: number }>> = { left: { yaw: 80, pitch: 0 }, right: { yaw: 80, pitch: 0 }, up: { yaw: 0, pitch: 42 } };
const sits = `${wall}[w];[0]crop=${holderFace.crop}[p];[w][p]overlay=${sway}:shortest=1,format=yuv420p`;
const turned = `${wall}[w];[w][0]overlay=${sway}:shortest=1,format=yuv420p`;

/** The filters of an act. The photo is input 0 (where the head turns, cut out already), the specimen input 1. */
const graphs: Record<Act, string> = {
  sits,
  holds: `${wall}[w];[0]crop=${holderFace.crop}[p];[1]scale=500:-2,format=rgba,rotate=0.06:c=none:ow=540:oh=380[c];` +
    `[w][p]overlay=${sway}[a];[a][c]overlay=x='715+7*sin(2*${turn})':y='235+5*cos(2*${turn})':shortest=1,format=yuv420p`,
  hand: `${wall}[w];[0]crop=${holderFace.crop}[p];color=c=0xc09478:s=440x660:r=${rate}:d=${seconds}[h];` +
    `[w][p]overlay=${sway}[a];[a][h]overlay=x='if(between(t,0.8,2.2),-220+(t-0.8)/1.4*1000,-500)':y=60:shortest=1,format=yuv420p`,
  left: turned,
  mirrored: `${sits},hflip`,
  right: `${turned},hflip`,
  up: turned,
  cheek: `${wall}[w];[0]crop=${holderFace.crop}[p];color=c=0xc09478:s=56x420:r=${rate}:d=${seconds},format=rgba,` +
    `geq=r='r(X,Y)-abs(X-28)':g='g(X,Y)-abs(X-28)':b='b(X,Y)-abs(X-28)':a='255*lte(hypot(X-28,max(28-Y,0)),28)',rotate=-0.4:c=none:ow=240:oh=420[f];` +
    `[w][p]overlay=${sway}[a];[a][f]overlay=x='480+10*sin(2*${turn})':y='380+10*cos(2*${turn})':shortest=1,format=yuv420p`,
  back: `${wall}[w];[0]crop=${holderFace.crop},scale=iw*0.55:-2[p];[w][p]overlay=x='330+8*sin(${turn})':y='250+5*cos(${turn})':shortest=1,format=yuv420p`,
  outside: `color=c=0xdcebfa:s=1280x720:r=${rate}:d=${seconds},drawbox=y=500:h=220:color=0xb8c0b0:t=fill,` +
    `drawbox=x=120:y=300:w=180:h=200:color=0xcfc8bc:t=fill,drawbox=x=760:y=240:w=260:h=260:color=0xd8cdb8:t=fill,noise=alls=7:allf=t,format=yuv420p`,
  other: `${wall}[w];[0]crop=${otherFace.crop},scale=460:-2[p];[w][p]overlay=${sway}:shortest=1,format=yuv420p`,
};

/** The specimen that the candidate holds up: it names Anna Maria Eriksson. */
export const holder = "Anna Maria Eriksson";

/** Draws the specimen; another drawing has another name, so that films of the old one are not taken for it. */
function specimen(): string {
  mkdirSync(folder, { recursive: true });
  const drawn = join(folder, "specimen.png.partial");
  execFileSync("go", ["run", "./vision/document/doctest/specimen", "-photo", picture(holderFace.photo), "-cut", holderFace.portrait, "-out", drawn], { cwd: root });
  const card = join(folder, `specimen-${createHash("sha256").update(readFileSync(drawn)).digest("hex").slice(0, 12)}.png`);
  renameSync(drawn, card);
  return card;
}

/** Draws the holder's face as it turns and comes back, for one round; gives the pictures' names for ffmpeg. */
function turning({ yaw, pitch }: { yaw: number; pitch: number }): string {
  const [width = 0, height = 0, x = 0, y = 0] = holderFace.crop.split(":").map(Number);
  const args = ["-photo", picture(holderFace.photo), "-cut", [x, y, x + width, y + height].join(","),
    `-yaw=${yaw}`, `-pitch=${pitch}`, "-frames", String(rate * seconds), "-models", models];
  const place = join(folder, `turned-${createHash("sha256").update(JSON.stringify(args)).digest("hex").slice(0, 12)}`);
  if (!existsSync(place)) {
    rmSync(`${place}.partial`, { recursive: true, force: true });
    execFileSync("go", ["run", "./vision/face/facetest/turned", ...args, "-out", `${place}.partial`], { cwd: root, env: { ...process.env, GOFLAGS: tags } });
    renameSync(`${place}.partial`, place);
  }
  return join(place, "%03d.png");
}

function film(act: Act, card: string): string {
  const still = (path: string) => ["-loop", "1", "-framerate", String(rate), "-i", path];
  const turn = turns[act];
  return make(`${act}.y4m`, [
    ...(turn ? ["-framerate", String(rate), "-i", turning(turn)] : still(picture(act === "other" ? otherFace.photo : holderFace.photo))),
    ...(act === "holds" ? still(card) : []),
    "-filter_complex", graphs[act], "-t", String(seconds), "-f", "yuv4mpegpipe",
  ]);
}

/** The pictures of a film, or a single one: small and grey. */
function looks(path: string): Buffer[] {
  const [width, height] = [64, 36];
  const all = execFileSync("ffmpeg", [
    "-v", "error", "-i", path, "-vf", `scale=${width}:${height}:flags=area:out_range=full,format=gray`, "-fps_mode", "passthrough", "-f", "rawvideo", "-",
  ]);
  return Array.from({ length: Math.floor(all.length / (width * height)) }, (_, i) => all.subarray(i * width * height, (i + 1) * width * height));
}

/** How many grey levels two pictures are apart on average. */
function apart(a: Buffer, b: Buffer): number {
  return a.reduce((sum, v, i) => sum + Math.abs(v - (b[i] ?? 0)), 0) / a.length;
}

/** A running camera. */
export interface Camera {
  /** The file for Chromium. */
  path: string;
  /** Changes what is shown and tells when that was, in milliseconds of the wall clock. */
  show(act: Act): number;
  /** By how many grey levels a still differs on average from the likest picture of each act. */
  distances(still: string): Map<Act, number>;
  close(): void;
}

/** Makes the camera of a candidate; it shows the first of the acts. */
export function camera(acts: readonly [Act, ...Act[]]): Camera {
  const place = mkdtempSync(join(tmpdir(), "bonafide-camera-"));
  const path = join(place, "camera.y4m");
  const card = specimen();
  const looked = new Map<Act, Buffer[]>();
  const rounds = new Map<Act, Buffer>(acts.map((a) => [a, readFileSync(film(a, card))]));
  copyFileSync(film(acts[0], card), path);
  const file = openSync(path, "r+");
  return {
    path,
    show: (act) => {
      const round = rounds.get(act);
      if (!round) throw new Error(`the camera was not made for ${act}`);
      writeSync(file, round, 0, round.length, 0);
      return Date.now();
    },
    distances: (still) => {
      const [shown] = looks(still);
      if (!shown) throw new Error(`${still} is no picture`);
      return new Map(acts.map((act) => {
        const known = looked.get(act) ?? looks(film(act, card));
        looked.set(act, known);
        return [act, Math.min(...known.map((one) => apart(shown, one)))];
      }));
    },
    close: () => {
      closeSync(file);
      rmSync(place, { recursive: true, force: true });
    },
  };
}
