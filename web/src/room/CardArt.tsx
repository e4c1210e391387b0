import type { CardKind } from "@/gen/evidence";

const line = { fill: "none", stroke: "currentColor", strokeWidth: 2.5, strokeLinecap: "round", strokeLinejoin: "round" } as const;

/** CardArt is a small drawing of what a card asks for; the words say the same. */
export function CardArt({ kind, size = 112 }: { kind: CardKind; size?: number }) {
  return (
    <svg viewBox="0 0 96 96" width={size} height={size} aria-hidden style={{ flex: "none", color: "var(--mantine-color-accent-text, currentColor)" }}>
      <rect x="2" y="2" width="92" height="92" rx="14" fill="currentColor" opacity="0.07" />
      {drawing(kind)}
    </svg>
  );
}

/** Person is a head on shoulders, looking straight ahead. */
function Person({ x = 0, y = 0, scale = 1 }: { x?: number; y?: number; scale?: number }) {
  return (
    <g {...line} transform={`translate(${x} ${y}) scale(${scale})`}>
      <ellipse cx="48" cy="40" rx="15" ry="19" />
      <path d="M22 82c2-14 13-20 26-20s24 6 26 20" />
      <path d="M42 37h.1M54 37h.1M44 49c2 2 6 2 8 0" />
    </g>
  );
}

/** Profile is a head seen from the side, looking to the left of the drawing. */
function Profile() {
  return (
    <g {...line}>
      <path d="M58 24c-12-4-23 4-23 15 0 3-4 7-5 9 0 1 3 1 4 2 0 3-1 8 3 9 3 1 7-1 9 1 1 2 0 5 0 7" />
      <path d="M58 24c9 4 12 14 9 22-2 6-4 12-3 21" />
      <path d="M41 40h.1" />
    </g>
  );
}

function drawing(kind: CardKind) {
  switch (kind) {
    case "show_id":
      return (
        <>
          <Person x={-10} y={6} scale={0.85} />
          <g {...line}>
            <rect x="50" y="46" width="38" height="26" rx="3" fill="var(--bf-surface)" />
            <circle cx="60" cy="56" r="4" />
            <path d="M54 67c1-4 11-4 12 0M72 55h11M72 62h8" />
          </g>
        </>
      );
    case "turn_left":
      // A self-view is mirrored: one's own left is on the left of the picture.
      return <><Profile /><path {...line} d="M34 84H14m0 0 6-6m-6 6 6 6" /></>;
    case "turn_right":
      return <><g transform="translate(96 0) scale(-1 1)"><Profile /></g><path {...line} d="M62 84h20m0 0-6-6m6 6-6 6" /></>;
    case "look_up":
      return <><Person y={6} /><path {...line} d="M80 44V16m0 0-7 8m7-8 7 8" /></>;
    case "stand_back":
      return (
        <>
          <Person x={26} y={16} scale={0.5} />
          <g {...line}><path d="M12 84 30 70M84 84 66 70M48 90V72m0 0-6 7m6-7 6 7" /></g>
        </>
      );
    case "hand_across_face":
      return (
        <>
          <Person />
          <g {...line}>
            <path d="M66 58V34a3 3 0 0 1 6 0v12V30a3 3 0 0 1 6 0v16V33a3 3 0 0 1 6 0v24c0 9-5 14-11 14s-9-4-11-9l-5-9c-1-3 3-5 5-2z" fill="var(--bf-surface)" />
            <path d="M60 20H38m0 0 6-5m-6 5 6 5" />
          </g>
        </>
      );
    case "finger_on_cheek":
      return (
        <>
          <Person />
          <g {...line}><path d="M60 46 84 56c4 2 5 6 4 11l-2 7H72l-6-10" /><circle cx="58" cy="45" r="3.5" /></g>
        </>
      );
    case "window_view":
      return (
        <g {...line}>
          <rect x="20" y="18" width="56" height="52" rx="3" />
          <path d="M48 18v52M20 44h56M14 78h68" />
          <circle cx="62" cy="31" r="6" />
          <path d="m24 68 12-14 9 10" />
        </g>
      );
    case "spoken_code":
      return (
        <>
          <Person x={-14} y={4} scale={0.9} />
          <g {...line}><path d="M60 34c4 4 4 12 0 16M69 28c7 8 7 20 0 28M78 22c10 12 10 28 0 40" /></g>
        </>
      );
    case "question":
      return <Person />;
  }
}
