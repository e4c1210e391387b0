// Takes the end off one picture of a recording, as a lost packet did: what was
// cut off becomes a Void element, so that the file stays whole as WebM.

const segment = 0x18538067;
const cluster = 0x1f43b675;
const simpleBlock = 0xa3;
const voidElement = 0xec;

interface Block {
  at: number; // of its element in the file
  start: number; // of its content
  end: number;
}

/** The number at a place in EBML's form, and where it ends; an element's ID keeps its length mark. */
function vint(file: Buffer, at: number, keepMark: boolean): { value: number; next: number } {
  const first = file[at] ?? 0;
  const length = Math.clz32(first) - 23;
  let value = keepMark ? first : first & (0xff >> length);
  for (let i = 1; i < length; i++) value = value * 256 + (file[at + i] ?? 0);
  return { value, next: at + length };
}

/** The blocks of the picture's track, in order. */
function pictures(file: Buffer, track: number): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < file.length) {
    const id = vint(file, at, true);
    const size = vint(file, id.next, false);
    if (id.value === simpleBlock && (file[size.next] ?? 0) === 0x80 + track) found.push({ at, start: size.next, end: size.next + size.value });
    at = id.value === segment || id.value === cluster ? size.next : size.next + size.value;
  }
  return found;
}

/** Cuts the n-th picture (VP8) of a track, both from 1, off in the middle of its first partition. */
export function tear(file: Buffer, track: number, n: number): Buffer {
  const block = pictures(file, track)[n - 1];
  if (block === undefined) throw new Error(`there is no picture ${n}`);
  const torn = Buffer.from(file);
  // Decoders bear an end that is missing, but not one of the first partition,
  // whose size the frame's tag of three bytes holds (RFC 6386, 9.1).
  const tag = block.start + blockHeader;
  const kept = blockHeader + 3 + Math.floor((file.readUIntLE(tag, 3) >> 5) / 2);
  const begins = block.at + header;
  const rest = begins + kept;
  writeSize(torn, block.at + 1, kept);
  file.copy(torn, begins, block.start, block.start + kept);
  torn[rest] = voidElement;
  writeSize(torn, rest + 1, block.end - rest - header);
  return torn;
}

/** The length of an element's header with an ID of one byte and a size of eight. */
const header = 9;

/** A block's content begins with its track, its time (two bytes) and its flags. */
const blockHeader = 4;

/** A size in EBML's longest form, of eight bytes. */
function writeSize(file: Buffer, at: number, size: number): void {
  file.writeUInt32BE(0x01000000, at);
  file.writeUInt32BE(size, at + 4);
}
