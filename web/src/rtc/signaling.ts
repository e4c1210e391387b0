// The websocket of a room: opened, watched, and opened again with growing
// waits when it is lost. What the messages mean is room.ts's matter.

import { limits } from "./config";
import { decode, encode, type ClientMessages, type ServerMessage } from "./wire";

/** The part of WebSocket that is used, so that tests can stand in for it. */
export interface SocketLike {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Opens a socket to an address. */
export type OpenSocket = (url: string) => SocketLike;

/** Why a socket went down. */
export interface Down {
  code: number;
  reason: string;
}

/** What happens on the socket. */
export interface SignalingEvents {
  open(): void;
  message(m: ServerMessage): void;
  /** The socket is down. Answer true to have it opened again after a wait. */
  down(d: Down): boolean;
}

/** Wait in ms before attempt n (0, 1, …): doubling, with ±20 % so that a room's people do not all come back at once. */
export function backoff(attempt: number, random: number): number {
  const base = Math.min(limits.backoffMost, limits.backoffFirst * 2 ** attempt);
  return Math.round(base * (0.8 + 0.4 * random));
}

/** One room's socket. */
export class Signaling {
  private socket: SocketLike | null = null;
  private ready = false;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly events: SignalingEvents,
    private readonly open: OpenSocket = (u) => new WebSocket(u),
  ) {}

  /** Opens the socket now, dropping one that is there. */
  connect(): void {
    this.drop();
    const socket = this.open(this.url);
    this.socket = socket;
    // A socket on a dead network can stay "connecting" for minutes.
    this.timer = setTimeout(() => this.lost({ code: 1006, reason: "timeout" }), limits.socket);
    socket.onopen = () => {
      this.ready = true;
      this.events.open();
    };
    socket.onmessage = (event: MessageEvent) => {
      const m = decode(event.data);
      if (m === null) return;
      if (m.type === "welcome") clearTimeout(this.timer);
      this.events.message(m);
    };
    socket.onclose = (event: CloseEvent) => this.lost({ code: event.code, reason: event.reason });
    socket.onerror = null; // a close always follows
  }

  /** Hands a message to the socket; false where none is open. */
  send<T extends keyof ClientMessages>(type: T, data: ClientMessages[T]): boolean {
    if (!this.ready || this.socket === null) return false;
    this.socket.send(encode(type, data));
    return true;
  }

  /** Gives the socket up and opens another after the next wait. */
  reconnect(): void {
    this.drop();
    this.timer = setTimeout(() => this.connect(), backoff(this.attempt++, Math.random()));
  }

  /** The connection proved good: the next wait is short again. */
  succeeded(): void {
    this.attempt = 0;
  }

  /** Closes for good. */
  close(): void {
    this.drop();
  }

  private lost(d: Down): void {
    this.drop();
    if (this.events.down(d)) this.reconnect();
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.ready = false;
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close(1000);
  }
}
