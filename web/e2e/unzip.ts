// Unpacks a zip file as an auditor's file manager would, so that a test can
// open what is in it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";

/**
 * Writes the files of a zip file below a folder and returns their names. Where
 * each lies comes from the central directory at the end (APPNOTE.TXT, 4.3.12
 * and 4.3.16). Encryption, other methods than deflate, and archives over 4 GiB
 * are not read.
 */
export function unzip(file: string, folder: string): string[] {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error(`${file} has no central directory: it is no zip file, or was cut off`);
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const packed = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    if (name.startsWith("/") || name.split("/").includes("..")) throw new Error(`${name} would be written outside of the folder`);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(start, start + packed);
    if (method !== 0 && method !== 8) throw new Error(`${name} is packed by method ${method}; 0 (stored) and 8 (deflate) are read`);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), method === 8 ? inflateRawSync(content) : content);
    names.push(name);
  }
  return names;
}
