// Times of day and durations as people read them. Interview time is in
// milliseconds since the interview began; dates are Unix milliseconds.

/** clock writes interview time: 65_000 -> "1:05", 3_661_000 -> "1:01:01". */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** preciseClock adds tenths of a second: 65_240 -> "1:05.2". */
export function preciseClock(ms: number): string {
  return `${clock(ms)}.${Math.floor((Math.max(0, ms) % 1000) / 100)}`;
}

/** span writes a length: 4_240 -> "4.2 s", 65_000 -> "1 min 5 s", 3_900_000 -> "1 h 5 min". */
export function span(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.round(ms / 1000);
  if (total < 3600) return joinUnits(Math.floor(total / 60), "min", total % 60, "s");
  const minutes = Math.round(total / 60);
  return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

function joinUnits(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

/** localZone is the time zone of this browser. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** dateTime writes an instant in a zone (this browser's by default). */
export function dateTime(ms: number, zone?: string): string {
  const format: Intl.DateTimeFormatOptions = {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  };
  if (zone !== undefined) format.timeZone = zone;
  try {
    return new Intl.DateTimeFormat("en-GB", format).format(ms);
  } catch {
    // A zone that this browser does not know: show the server's instant anyway.
    return new Intl.DateTimeFormat("en-GB", { ...format, timeZone: "UTC" }).format(ms) + " UTC";
  }
}

/** instant writes an instant to the second, in this browser's zone: "22 Nov 2026, 00:03:07". */
export function instant(ms: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).format(ms);
}

/** zoneOffset writes a zone's distance from UTC at an instant: "UTC+01:00". */
export function zoneOffset(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(ms);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  return name === "GMT" ? "UTC+00:00" : name.replace("GMT", "UTC");
}

/** toInputValue writes an instant for <input type="datetime-local">, in this browser's zone. */
export function toInputValue(ms: number): string {
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** fromInputValue reads such a value; null where it is empty or no time. */
export function fromInputValue(value: string): number | null {
  const ms = new Date(value).getTime();
  return value === "" || Number.isNaN(ms) ? null : ms;
}

/** timeZones lists the IANA names that this browser knows. */
export function timeZones(): string[] {
  const names = Intl.supportedValuesOf("timeZone");
  return names.includes("UTC") ? names : ["UTC", ...names];
}
