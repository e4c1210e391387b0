// A camera whose picture a test changes while it is running. Chromium reads
// raw pictures from a file, one after another, and begins again at its end:
// what is written over the file is what the camera shows from then on. So each
// act starts when the test wants it, and no act is seen at another time.
//
// Every act is a round of three seconds that ends as it began: 36 pictures of
// 1280x720 at 12 a second, 50 MB.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { folder, make, picture, root } from "../media";

const rate = 12;
const seconds = 3;

/** What the camera can show. */
export type Act =
  | "sits" // the candidate looks at the camera
  | "holds" // and holds a specimen of an identity document up, with the own portrait
  | "hand" // a hand passes before the face, once a round
  | "back" // the candidate has moved back to half the size
  | "outside" // the camera is pointed at a bright street, with nobody in it
  | "other"; // somebody else sits there

/** A candidate's face with the hair, as crop=w:h:x:y of a sample photo, and the portrait in it as left,top,right,bottom. */
const holderFace = { photo: "sample3.jpg", crop: "490:630:440:170", portrait: "530,250,850,660" };
/** Where in the picture the candidate's head is, as parts of its width and height. */
export const seat = { left: 0.25, top: 0.2, width: 0.25, height: 0.5 };
const otherFace = { photo: "sample6.jpg", crop: "420:550:150:330" };

const turn = `2*PI*t/${seconds}`;
const wall = `color=c=0x788480:s=1280x720:r=${rate}:d=${seconds},noise=alls=7:allf=t`;
/** A head is never quite still. The photo ends left of where a document is held: no room has its edge. */
const sway = `x='200+10*sin(${turn})':y='75+6*cos(${turn})'`;

/** The filters of an act. The photo is input 0, the specimen input 1. */
const graphs: Record<Act, string> = {
  sits: `${wall}[w];[0]crop=${holderFace.crop}[p];[w][p]overlay=${sway}:shortest=1,format=yuv420p`,
  holds: `${wall}[w];[0]crop=${holderFace.crop}[p];[1]scale=500:-2,format=rgba,rotate=0.06:c=none:ow=540:oh=380[c];` +
    `[w][p]overlay=${sway}[a];[a][c]overlay=x='715+7*sin(2*${turn})':y='235+5*cos(2*${turn})':shortest=1,format=yuv420p`,
  hand: `${wall}[w];[0]crop=${holderFace.crop}[p];color=c=0xc09478:s=440x660:r=${rate}:d=${seconds}[h];` +
    `[w][p]overlay=${sway}[a];[a][h]overlay=x='if(between(t,0.8,2.2),-220+(t-0.8)/1.4*1000,-500)':y=60:shortest=1,format=yuv420p`,
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

function film(act: Act, card: string): string {
  const still = (path: string) => ["-loop", "1", "-framerate", String(rate), "-i", path];
  return make(`${act}.y4m`, [
    ...still(picture(act === "other" ? otherFace.photo : holderFace.photo)), ...(act === "holds" ? still(card) : []),
    "-filter_complex", graphs[act], "-t", String(seconds), "-f", "yuv4mpegpipe",
  ]);
}

/** A running camera. */
export interface Camera {
  /** The file for Chromium. */
  path: string;
  /** Changes what is shown and tells when that was, in milliseconds of the wall clock. */
  show(act: Act): number;
  close(): void;
}

/** Makes the camera of a candidate; it shows "sits". */
export function camera(acts: readonly Act[]): Camera {
  const place = mkdtempSync(join(tmpdir(), "bonafide-camera-"));
  const path = join(place, "camera.y4m");
  const card = specimen();
  const rounds = new Map<Act, Buffer>(acts.map((a) => [a, readFileSync(film(a, card))]));
  copyFileSync(film("sits", card), path);
  const file = openSync(path, "r+");
  return {
    path,
    show: (act) => {
      const round = rounds.get(act);
      if (!round) throw new Error(`the camera was not made for ${act}`);
      writeSync(file, round, 0, round.length, 0);
      return Date.now();
    },
    close: () => {
      closeSync(file);
      rmSync(place, { recursive: true, force: true });
    },
  };
}
