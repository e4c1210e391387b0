import { Button, Group, Progress, Stack, Text, Textarea, Title } from "@mantine/core";
import { IconCameraRotate } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import type { StepHint } from "@/gen/evidence";
import type { Card } from "@/gen/signaling";
import { type Call, useLocalState, useNow, useRoomState } from "@/hooks/useCall";
import { cardAsks, hintWords } from "@/lib/cards";
import { type Facing, listDevices } from "@/rtc/devices";
import { CardArt } from "./CardArt";
import classes from "./CardPrompt.module.css";
import { Video } from "./Video";

/** CardPrompt shows the candidate what they are asked to do now, and helps with it. */
export function CardPrompt({ call }: { call: Call }) {
  const { card } = useRoomState(call);
  return card === null ? null : <Prompt key={card.step} call={call} card={card} />;
}

function Prompt({ call, card }: { call: Call; card: Card }) {
  const { hint } = useRoomState(call);
  const kind = card.kind ?? "question";
  const asked = cardAsks[kind];
  const document = kind === "show_id";
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { // in braces: newer browsers return a promise, which is no cleanup
    heading.current?.scrollIntoView({ block: "nearest" });
  }, []);
  useSharperCamera(call, document);
  const now = hint?.step === card.step ? hint : null;
  const words = now === null ? "" : hintWords(now.hint);
  return (
    <section className={classes.prompt} aria-label="What you are asked to do" data-step={card.step} data-view={document || kind === "window_view"}>
      {(document || kind === "window_view") && <View call={call} framed={document} words={words} mirrored={document} />}
      <Stack gap="sm">
        <div className={classes.head}>
          {!document && <CardArt kind={kind} />}
          <div className={classes.words}>
            <Title ref={heading} order={2} size="h3">{document && card.side === "back" ? "Please show the back of your ID" : asked.title}</Title>
            <Text mt={4}>{document && card.side === "back" ? "Turn it over and hold it inside the frame, so that the lines of print can be read." : asked.text}</Text>
          </div>
        </div>
        {card.phrase !== undefined && card.phrase !== "" && <p className={classes.phrase}>{card.phrase}</p>}
        <TimeLeft call={call} card={card} />
        {!document && kind !== "window_view" && <Text role="status" fw={600} mih={24}>{words}</Text>}
        {now !== null && now.wanted > 0 && <Kept hint={now} />}
        {kind === "window_view" && <TurnCamera call={call} />}
        <Cannot call={call} step={card.step} />
      </Stack>
    </section>
  );
}

function TimeLeft({ call, card }: { call: Call; card: Card }) {
  useNow(250);
  const gone = Math.max(0, (call.room.now() ?? card.start_ms) - card.start_ms);
  const left = Math.max(0, Math.ceil((card.limit_ms - gone) / 1000));
  return (
    <div className={classes.time}>
      <Progress value={Math.max(0, 100 - (gone / card.limit_ms) * 100)} size={6} style={{ flex: 1 }} aria-hidden />
      <Text size="sm" className="tabular" role="timer" aria-label="Time left">{left} s</Text>
    </div>
  );
}

function Kept({ hint }: { hint: StepHint }) {
  return (
    <Group gap="xs">
      <span className={classes.dots} aria-hidden>
        {Array.from({ length: hint.wanted }, (_, i) => <span key={i} className={classes.dot} data-kept={i < hint.kept} />)}
      </span>
      <Text size="sm" c="dimmed">{hint.kept} of {hint.wanted} good pictures</Text>
    </Group>
  );
}

/** View is the candidate's own picture, large, with a frame to hold a document in where one is wanted. */
function View({ call, framed, words, mirrored }: { call: Call; framed: boolean; words: string; mirrored: boolean }) {
  const { camera } = useLocalState(call);
  return (
    <div className={classes.view}>
      {camera.track === null
        ? <Stack align="center" justify="center" h="100%" p="md"><Text ta="center">Your camera is off.</Text><Button loading={camera.busy} onClick={() => void call.local.open("camera", undefined, false)}>Turn it on</Button></Stack>
        : <Video track={camera.track} label="Your own picture" mirrored={mirrored} />}
      {framed && camera.track !== null && (
        <svg className={classes.frame} viewBox="0 0 400 300" preserveAspectRatio="xMidYMid meet" aria-hidden>
          <ellipse cx="128" cy="112" rx="62" ry="82" fill="none" stroke="#fff" strokeOpacity="0.7" strokeWidth="2" strokeDasharray="5 6" />
          <rect x="212" y="126" width="166" height="106" rx="10" fill="none" stroke="#fff" strokeWidth="3" />
        </svg>
      )}
      {words !== "" && <div className={classes.hint} role="status">{words}</div>}
    </div>
  );
}

/** useSharperCamera asks the camera for 1280×720 at least, for as long as small print is wanted. */
function useSharperCamera(call: Call, wanted: boolean): void {
  const { camera } = useLocalState(call);
  const { track } = camera;
  useEffect(() => {
    if (!wanted || track === null) return;
    void call.local.sharpen(true);
    return () => void call.local.sharpen(false);
  }, [call, wanted, track]);
}

/** TurnCamera changes between the front and the back camera, where there are two; afterwards the first one is on again. */
function TurnCamera({ call }: { call: Call }) {
  const { camera } = useLocalState(call);
  const [several, setSeveral] = useState(false);
  const [facing, setFacing] = useState<Facing>("user");
  const before = useRef(call.local.store.get().camera.deviceId);
  const turned = useRef(false);
  useEffect(() => {
    let open = true;
    listDevices(navigator.mediaDevices, "camera")
      .then((cameras) => { if (open) setSeveral(cameras.length > 1); })
      .catch(() => undefined); // without a list there is no button, and the camera stays as it is
    return () => {
      open = false;
      if (turned.current && !call.local.store.get().camera.muted) void call.local.open("camera", before.current, false);
    };
  }, [call]);
  if (!several) return null;
  const turn = () => {
    const other: Facing = facing === "user" ? "environment" : "user";
    turned.current = true;
    setFacing(other);
    void call.local.turnCamera(other);
  };
  return (
    <Group><Button variant="default" loading={camera.busy} leftSection={<IconCameraRotate size={18} />} onClick={turn}>{facing === "user" ? "Use the back camera" : "Use the front camera"}</Button></Group>
  );
}

/** Cannot lets the candidate say that they cannot do it; a reason helps, and is not demanded. */
function Cannot({ call, step }: { call: Call; step: string }) {
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState("");
  if (!asking) return <Group><Button variant="subtle" size="compact-md" onClick={() => setAsking(true)}>I can’t do this</Button></Group>;
  return (
    <Stack gap="xs">
      <Textarea label="That is all right. Would you like to say why?" description="You need not. The interviewer sees what you write." autosize minRows={1} maxRows={4} maxLength={500}
        value={why} onChange={(event) => setWhy(event.currentTarget.value)} autoFocus />
      <Group gap="xs">
        <Button size="compact-md" onClick={() => call.room.cannotComply(step, why.trim())}>Send</Button>
        <Button size="compact-md" variant="default" onClick={() => setAsking(false)}>Back</Button>
      </Group>
    </Stack>
  );
}
