import { DefaultTemplate, type Template } from "@/gen/interview";
import { list } from "@/lib/list";

const key = (role: string) => role.trim().split(/\s+/).join(" ").toLowerCase();

/** templateFor is the run-sheet that candidates for a role get; the server decides the same. */
export function templateFor(templates: readonly Template[], role: string): Template | undefined {
  return templates.find((template) => list(template.roles).some((one) => key(one) === key(role)))
    ?? templates.find((template) => template.id === DefaultTemplate);
}
