import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";

import { sha256 } from "./sha256";

describe("sha256", () => {
  it("agrees with the standard's examples", () => {
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("agrees with another implementation at every length around a block's end", () => {
    for (let n = 0; n < 200; n++) {
      const text = "é".repeat(n % 7) + "x".repeat(n);
      expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
    }
  });
});
