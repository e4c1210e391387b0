import { Anchor, Text } from "@mantine/core";
import { Link } from "wouter";

import { useTemplates } from "@/api/queries";
import { useAuth } from "@/hooks/useAuth";
import { count, list } from "@/lib/list";
import { templateFor } from "./templateFor";

/** RunSheetOfRole says which cards candidates for the role get. */
export function RunSheetOfRole({ role }: { role: string }) {
  const { can } = useAuth();
  const templates = useTemplates();
  if (!templates.isSuccess) return <Text size="sm" c="dimmed">{templates.isError ? "The run-sheets could not be loaded. The right one is taken all the same." : " "}</Text>;
  const template = templateFor(list(templates.data.templates), role);
  if (template === undefined) return null;
  return (
    <Text size="sm">
      {role.trim() === "" ? "Candidates for a role without a run-sheet of its own get" : "Candidates for this role get"}{" "}
      <strong>{template.name}</strong> ({count(list(template.cards).length, "card")}), in an order that is drawn when the room is first opened.
      {can("template.edit") && <>{" "}<Anchor component={Link} href="/run-sheets" size="sm">Run-sheets</Anchor></>}
    </Text>
  );
}
