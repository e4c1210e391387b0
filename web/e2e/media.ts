// What the fake cameras and microphones show and say: a real face from a
// sample picture, moved about on a noisy ground, with absences and a second
// face at known times; a speaking voice. Made by ffmpeg, kept between runs.
//
// The picture tells its own truth: the top left square is white while no face
// is shown, the one beside it while a second face is. A test reads the squares
// back from the recording, so that it needs no clock in common with a camera.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");
/** Where films and sounds are kept between runs. */
export const folder = join(import.meta.dirname, ".fixtures");
/** The folder of the model files, which holds the sample pictures too. */
export const models = process.env.BONAFIDE_MODELS ?? join(root, "models", "data");

/** Length of the candidate's film, after which the camera starts it again. */
export const loopSeconds = 40;
export const marker = { size: 48 };

const absent = "between(t,8,13.5)";
const second = "between(t,21,27)";

/** Makes a film or a sound with ffmpeg, or takes the one that was made before. */
export function make(name: string, args: string[]): string {
  mkdirSync(folder, { recursive: true });
  const recipe = createHash("sha256").update(JSON.stringify(args)).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const path = join(folder, `${name.slice(0, dot)}-${recipe}${name.slice(dot)}`);
  if (!existsSync(path)) {
    const partial = `${path}.partial`;
    rmSync(partial, { force: true });
    execFileSync("ffmpeg", ["-v", "error", "-y", ...args, partial], { stdio: ["ignore", "inherit", "inherit"] });
    renameSync(partial, path);
  }
  return path;
}

/** The path of a sample picture. */
export function picture(name: string): string {
  const path = join(models, name);
  if (!existsSync(path)) throw new Error(`${path} is missing; run: make samples`);
  return path;
}

/** The candidate's camera: 640x480 at 15 fps, as raw pictures: Chromium plays Motion JPEG at 30 fps whatever it was made at. */
export function candidateCamera(): string {
  const graph = [
    "[1]split[p][q]",
    "[p]crop=360:360:600:270,scale=260:260[face]",
    "[q]crop=340:340:1420:240,scale=150:150[other]",
    "[0]noise=alls=8:allf=t[ground]",
    `[ground][face]overlay=x='190+30*sin(1.3*t)':y='110+14*sin(0.9*t)':enable='not(${absent})':shortest=1[a]`,
    `[a][other]overlay=x='470+8*sin(t)':y=60:enable='${second}'[b]`,
    `[b]drawbox=w=${marker.size}:h=${marker.size}:color=black:t=fill,` +
      `drawbox=w=${marker.size}:h=${marker.size}:color=white:t=fill:enable='${absent}',` +
      `drawbox=x=${marker.size}:w=${marker.size}:h=${marker.size}:color=black:t=fill,` +
      `drawbox=x=${marker.size}:w=${marker.size}:h=${marker.size}:color=white:t=fill:enable='${second}',format=yuv420p`,
  ].join(";");
  return make("candidate.y4m", [
    "-f", "lavfi", "-i", `color=c=0x5a6670:s=640x480:r=15:d=${loopSeconds}`,
    "-loop", "1", "-framerate", "15", "-i", picture("sample6.jpg"),
    "-filter_complex", graph, "-t", String(loopSeconds), "-f", "yuv4mpegpipe",
  ]);
}

/** The interviewer's camera. */
export function interviewerCamera(): string {
  return make("interviewer.y4m", [
    "-f", "lavfi", "-i", "color=c=0x6b5f58:s=640x480:r=15:d=12",
    "-loop", "1", "-framerate", "15", "-i", picture("sample3.jpg"),
    "-filter_complex",
    "[1]crop=360:360:960:180,scale=270:270[f];[0]noise=alls=6:allf=t[g];[g][f]overlay=x='185+20*sin(1.57*t)':y=100:shortest=1,format=yuv420p",
    "-t", "12", "-f", "yuv4mpegpipe",
  ]);
}

/** A speaking voice, 48 kHz mono. */
export function voice(which: "candidate" | "interviewer"): string {
  const text = which === "candidate"
    ? "I have worked on payment systems for six years. Most of that time I looked after the ledger and its reports. Then I moved to the platform team."
    : "Thank you for coming today. Please tell me what you worked on last year, and which part of it you liked best.";
  return make(`${which}.wav`, [
    "-f", "lavfi", "-i", `flite=text='${text}':voice=${which === "candidate" ? "slt" : "rms"}`,
    "-af", "apad=pad_dur=2", "-ar", "48000", "-ac", "1", "-f", "wav",
  ]);
}

/** The microphone of somebody who says nothing: the hiss of a room. */
export function quiet(): string {
  return make("quiet.wav", ["-f", "lavfi", "-i", "anoisesrc=color=pink:amplitude=0.001:r=48000", "-t", "10", "-ac", "1", "-f", "wav"]);
}

export interface Span {
  start: number;
  end: number;
}

/** The spans, in seconds of the file, over which a marker square is white. */
export function markedSpans(file: string, square: 0 | 1): Span[] {
  const rate = 10;
  const side = marker.size - 24;
  const raw = execFileSync("ffmpeg", [
    "-v", "error", "-i", file,
    "-vf", `scale=640:480,crop=${side}:${side}:${square * marker.size + 12}:12,scale=1:1:flags=area,fps=${rate}`,
    "-pix_fmt", "gray", "-f", "rawvideo", "-",
  ], { maxBuffer: 1 << 24 });
  const spans: Span[] = [];
  raw.forEach((grey, i) => {
    if (grey < 128) return;
    const last = spans.at(-1);
    if (last && i / rate - last.end < 0.25) last.end = (i + 1) / rate;
    else spans.push({ start: i / rate, end: (i + 1) / rate });
  });
  return spans;
}
