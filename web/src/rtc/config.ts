// Limits and settings of the call. The times follow what was measured with
// Chromium against a pion relay: a two-second outage heals by itself, a
// twenty-second one never does.

/** What is asked of a camera, and how much of the uplink it may use. */
export const camera = {
  width: 1280,
  height: 720,
  frameRate: 30,
  /** bit/s. About 0.8 GB an hour on disk; 720p talking heads need no more. */
  maxBitrate: 1_800_000,
  /** bit/s while a document is held up: small print loses more to the encoder than a face does. */
  sharpBitrate: 3_000_000,
} as const;

/** What is asked of a shared screen: text needs pixels, not pictures a second. */
export const screen = {
  frameRate: 15,
  maxBitrate: 2_500_000,
} as const;

/** Times in milliseconds after which a connection counts as lost. */
export const limits = {
  /** A peer connection may be "disconnected" this long before ICE restarts. */
  disconnected: 3_000,
  /** An ICE restart may take this long before everything is joined anew. */
  restart: 5_000,
  /** A first connection may take this long. */
  connect: 15_000,
  /** A websocket may take this long to open and to answer "join". */
  socket: 8_000,
  /** First wait before a socket is opened again; it doubles each time. */
  backoffFirst: 300,
  /** Longest wait between two attempts. */
  backoffMost: 8_000,
  /**
   * A timer that comes this late means that the machine slept. Browsers let
   * the timers of hidden pages come once a minute.
   */
  slept: 90_000,
} as const;

/** How many messages wait for a lost socket before the oldest is given up. */
export const outboxLength = 200;
