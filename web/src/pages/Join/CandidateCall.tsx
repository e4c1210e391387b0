import { IconDoorExit } from "@tabler/icons-react";
import { useState } from "react";

import { Confirm } from "@/components/Confirm";
import type { Call } from "@/hooks/useCall";
import { usePageFacts } from "@/hooks/usePageFacts";
import { Banners } from "@/room/Banners";
import { CallHeader } from "@/room/CallHeader";
import { CardPrompt } from "@/room/CardPrompt";
import { ConsentMenu } from "@/room/ConsentMenu";
import type { ConsentText } from "@/room/consents";
import { ControlButton } from "@/room/ControlButton";
import { Controls } from "@/room/Controls";
import { RecordingIndicator } from "@/room/RecordingIndicator";
import classes from "@/room/room.module.css";
import { Tiles } from "@/room/Tiles";

/** CandidateCall is the interview as the candidate sees it. */
export function CandidateCall({ call, texts }: { call: Call; texts: readonly ConsentText[] }) {
  usePageFacts(call);
  const [leaving, setLeaving] = useState(false);
  return (
    <div className={classes.call}>
      <CallHeader call={call}><RecordingIndicator call={call} /></CallHeader>
      <main className={classes.stage}>
        <Banners call={call} />
        <CardPrompt call={call} />
        <Tiles call={call} />
      </main>
      <Controls call={call}>
        <ConsentMenu call={call} texts={texts} />
        <ControlButton name="Leave" text="Leave" color="red" variant="light" icon={<IconDoorExit size={18} stroke={1.6} />} onClick={() => setLeaving(true)} />
      </Controls>
      <Confirm opened={leaving} title="Leave the interview?" action="Leave"
        text="You can come back with the same link while the interview lasts."
        onClose={() => setLeaving(false)} onConfirm={() => Promise.resolve(call.room.leave())} />
    </div>
  );
}
