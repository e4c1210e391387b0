import { Alert, Badge, Button, Tabs } from "@mantine/core";
import { IconDoorExit, IconPhoneOff, IconUserCheck } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { Confirm } from "@/components/Confirm";
import type { KindInfo } from "@/gen/evidence";
import { type Call, useRoomState } from "@/hooks/useCall";
import { Banners } from "@/room/Banners";
import { CallHeader } from "@/room/CallHeader";
import { ConsentMenu } from "@/room/ConsentMenu";
import type { ConsentText } from "@/room/consents";
import { ControlButton } from "@/room/ControlButton";
import { Controls } from "@/room/Controls";
import { useHidden } from "@/room/hidden";
import { Measurements } from "@/room/Measurements";
import { Composer, NoteList } from "@/room/Notes";
import { People } from "@/room/People";
import { RecordingIndicator } from "@/room/RecordingIndicator";
import classes from "@/room/room.module.css";
import { RunSheet } from "@/room/RunSheet";
import { Tiles } from "@/room/Tiles";

interface Props {
  call: Call;
  kinds: readonly KindInfo[];
  texts: readonly ConsentText[];
}

/** InterviewerCall is the interview as interviewers and observers see it. */
export function InterviewerCall({ call, kinds, texts }: Props) {
  const { people, you } = useRoomState(call);
  const candidate = people.find((p) => p.role === "candidate");
  const waiting = candidate?.stage === "waiting";
  useEffect(() => {
    const title = document.title;
    document.title = waiting ? "Candidate is waiting · Bonafide" : "Room · Bonafide";
    return () => { document.title = title; };
  }, [waiting]);
  const hosts = you?.role === "interviewer";
  return (
    <div className={classes.call}>
      <CallHeader call={call}>
        {!hosts && <Badge variant="light" color="gray" tt="none">Observing</Badge>}
        <RecordingIndicator call={call} participant={candidate?.id ?? ""} />
      </CallHeader>
      <div className={classes.body}>
        <main className={classes.stage}>
          {waiting && candidate !== undefined && (
            <Alert color="accent" variant="light" role="status" title={`${candidate.name} is in the waiting room`} icon={<IconUserCheck size={18} />}>
              {hosts && <Button size="sm" onClick={() => call.room.admit(candidate.id)}>Admit</Button>}
            </Alert>
          )}
          <RecordingFailure call={call} />
          <Banners call={call} />
          <Tiles call={call} />
        </main>
        <Panel call={call} kinds={kinds} />
      </div>
      <Controls call={call}>
        <ConsentMenu call={call} texts={texts} />
        <Endings call={call} hosts={hosts} />
      </Controls>
    </div>
  );
}

/** Panel holds what was measured, what was noted, and who is there. */
function Panel({ call, kinds }: { call: Call; kinds: readonly KindInfo[] }) {
  const { findings, annotations, questions, people, you, interview } = useRoomState(call);
  const hidden = useHidden(interview?.id ?? "");
  const seen = findings.filter((finding) => !hidden.kinds.includes(finding.kind));
  const count = (n: number) => (n === 0 ? "" : ` (${n})`);
  return (
    <aside className={classes.panel} aria-label="Interview">
      <Tabs defaultValue="cards" display="flex" style={{ flexDirection: "column", minHeight: 0, flex: 1 }}>
        <Tabs.List grow>
          <Tabs.Tab value="cards" px="xs">Run-sheet</Tabs.Tab>
          <Tabs.Tab value="measurements" px="xs">Findings{count(seen.length)}</Tabs.Tab>
          <Tabs.Tab value="notes" px="xs">Notes{count(annotations.length + questions.length)}</Tabs.Tab>
          <Tabs.Tab value="people" px="xs">People{count(people.length)}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="cards" className={classes.panelBody}><RunSheet call={call} /></Tabs.Panel>
        <Tabs.Panel value="measurements" className={classes.panelBody}><Measurements call={call} kinds={kinds} hidden={hidden} /></Tabs.Panel>
        <Tabs.Panel value="notes" className={classes.panelBody}><NoteList call={call} /></Tabs.Panel>
        <Tabs.Panel value="people" className={classes.panelBody}><People call={call} /></Tabs.Panel>
      </Tabs>
      {you?.role === "interviewer" && <Composer call={call} />}
    </aside>
  );
}

/** RecordingFailure says at once, and in words, that something is not being recorded. */
function RecordingFailure({ call }: { call: Call }) {
  const { recording, people } = useRoomState(call);
  const failed = recording.filter((r) => (r.failed ?? "") !== "");
  if (failed.length === 0) return null;
  const names = failed.map((r) => `${people.find((p) => p.id === r.participant)?.name ?? "somebody"} (${r.stream})`);
  const full = failed.some((r) => r.failed === "disk_full");
  return (
    <Alert color="red" variant="light" role="alert" title="Not being recorded">
      {full ? "The server's disk is full. Ask the operator to free space." : "The server cannot write the recording."} Affected: {names.join(", ")}.
      The call goes on; the server tries again by itself.
    </Alert>
  );
}

/** Endings leave the room, or end the interview for everybody. */
function Endings({ call, hosts }: { call: Call; hosts: boolean }) {
  const [asking, setAsking] = useState<"" | "leave" | "hangup">("");
  const close = () => setAsking("");
  return (
    <>
      <ControlButton name="Leave" text="Leave" icon={<IconDoorExit size={18} stroke={1.6} />} onClick={() => setAsking("leave")} />
      {hosts && <ControlButton name="Hang up" text="Hang up" variant="filled" color="red" icon={<IconPhoneOff size={18} stroke={1.6} />} onClick={() => setAsking("hangup")} />}
      <Confirm opened={asking === "leave"} title="Leave the room?" action="Leave" onClose={close}
        text="The interview goes on without you, and you can come back." onConfirm={() => Promise.resolve(call.room.leave())} />
      <Confirm opened={asking === "hangup"} title="End the interview?" action="End interview" onClose={close}
        text="It ends for everybody, and the recordings are closed. It cannot be opened again."
        onConfirm={() => (call.room.hangup()
          ? Promise.resolve()
          : Promise.reject(new Error("The server is out of reach. Wait until the connection is back, then try again.")))} />
    </>
  );
}
