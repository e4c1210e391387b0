import { Button, Group, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useRef, useState } from "react";

/** CopyField shows a text and copies it; where the browser refuses (plain HTTP) it selects it to be copied by hand. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [result, setResult] = useState<"" | "copied" | "selected">("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setResult("copied");
    } catch {
      input.current?.select();
      setResult("selected");
    }
  };
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <TextInput ref={input} label={label} value={value} readOnly style={{ flex: 1, minWidth: 0 }} onFocus={(event) => event.currentTarget.select()}
        description={result === "selected" ? "Selected: press Ctrl+C to copy it." : undefined} inputWrapperOrder={["label", "input", "description", "error"]} />
      <Button variant="default" onClick={() => void copy()} leftSection={result === "copied" ? <IconCheck size={16} /> : <IconCopy size={16} />} aria-live="polite">
        {result === "copied" ? "Copied" : "Copy"}
      </Button>
    </Group>
  );
}
