// Decides from the states of the two peer connections when to restart ICE and
// when to join anew. It only decides: restarting and joining are callbacks.

import type { Target } from "@/gen/signaling";
import { limits } from "./config";

/** How media fares as a whole, for people to see. */
export type MediaHealth = "none" | "connecting" | "connected" | "interrupted";

/** What the watch asks for. */
export interface WatchActions {
  restart(target: Target): void;
  rejoin(why: string): void;
  changed(health: MediaHealth): void;
}

interface Link {
  health: Exclude<MediaHealth, "none">;
  restarting: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Watches the connections of one join. */
export class LinkWatch {
  private readonly links = new Map<Target, Link>();
  private last: MediaHealth = "none";

  constructor(private readonly actions: WatchActions) {}

  /** A new connection begins to connect. */
  begin(target: Target): void {
    this.forget(target);
    const link: Link = { health: "connecting", restarting: false, timer: undefined };
    this.links.set(target, link);
    link.timer = setTimeout(() => this.actions.rejoin(`${target}: no connection`), limits.connect);
    this.tell();
  }

  /** The browser reports a state of a connection. */
  report(target: Target, state: RTCPeerConnectionState): void {
    const link = this.links.get(target);
    if (link === undefined) return;
    switch (state) {
      case "connected":
        clearTimeout(link.timer);
        link.health = "connected";
        link.restarting = false;
        break;
      case "disconnected":
        if (link.health === "interrupted") break; // already counted
        link.health = "interrupted";
        clearTimeout(link.timer);
        link.timer = setTimeout(() => this.restart(target, link), limits.disconnected);
        break;
      case "failed":
        clearTimeout(link.timer);
        link.health = "interrupted";
        this.tell();
        this.actions.rejoin(`${target}: failed`);
        return;
      default: // new, connecting, closed: nothing to decide
    }
    this.tell();
  }

  /** Forgets all connections: their peer connections are closed. */
  reset(): void {
    for (const target of [...this.links.keys()]) this.forget(target);
    this.tell();
  }

  /** The worst of the connections that exist. */
  get health(): MediaHealth {
    let worst: MediaHealth = "none";
    for (const { health } of this.links.values()) {
      if (health === "interrupted") return "interrupted";
      if (health === "connecting" || worst === "none") worst = health;
    }
    return worst;
  }

  private restart(target: Target, link: Link): void {
    if (link.restarting) return;
    link.restarting = true;
    link.timer = setTimeout(() => this.actions.rejoin(`${target}: restart did not help`), limits.restart);
    this.actions.restart(target);
  }

  private forget(target: Target): void {
    clearTimeout(this.links.get(target)?.timer);
    this.links.delete(target);
  }

  private tell(): void {
    const now = this.health;
    if (now === this.last) return;
    this.last = now;
    this.actions.changed(now);
  }
}
