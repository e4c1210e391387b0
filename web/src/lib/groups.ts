// What kinds of finding and signals are about. Both the room and the review
// show them group by group, in this order.

/** Group is one subject of measurement. */
export interface Group {
  id: string;
  title: string;
  /** families are the first words of the kinds and signals that belong here. */
  families: readonly string[];
  /** facts are what the browser or the network told, not what was seen or heard of a person. */
  facts: boolean;
}

/** groups are in the order of display: facts of the device and the connection come below the others. */
export const groups: readonly Group[] = [
  { id: "face", title: "Face", families: ["face"], facts: false },
  { id: "identity", title: "Identity", families: ["identity", "liveness"], facts: false },
  { id: "gaze", title: "Gaze", families: ["gaze", "head"], facts: false },
  { id: "speech", title: "Speech", families: ["speech"], facts: false },
  { id: "camera", title: "Camera", families: ["camera", "media"], facts: false },
  { id: "device", title: "Connection and device", families: ["stream", "client", "network", "signal"], facts: true },
];

/** others holds what an older or newer server knows and this page does not. */
const others: Group = { id: "other", title: "Other", families: [], facts: false };

/** groupOf finds the group of a kind or of a signal. */
export function groupOf(name: string): Group {
  const family = name.split(".")[0] ?? name;
  return groups.find((group) => group.families.includes(family)) ?? others;
}

/** Grouped is a group with what belongs to it. */
export interface Grouped<T> {
  group: Group;
  members: readonly T[];
}

/** grouped sorts members into groups, each in the order given; empty groups are left out. */
export function grouped<T>(members: readonly T[], nameOf: (member: T) => string): Grouped<T>[] {
  return [...groups, others]
    .map((group) => ({ group, members: members.filter((member) => groupOf(nameOf(member)) === group) }))
    .filter((one) => one.members.length > 0);
}
