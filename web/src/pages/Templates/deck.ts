import type { CardKind } from "@/gen/evidence";
import type { TemplateCard } from "@/gen/interview";
import type { FormErrors } from "@/lib/form";

/** newCard is a card of a kind with an identifier that no other card of the deck has. */
export function newCard(deck: readonly TemplateCard[], kind: CardKind, limit: number): TemplateCard {
  const taken = new Set(deck.map((card) => card.id));
  let id: string = kind;
  for (let n = 2; taken.has(id); n++) id = `${kind}-${n}`;
  return { id, kind, question: "", required: kind !== "question", limit_s: limit };
}

/** incomplete says of every field at once that it was left empty; what is filled in is the server's to judge. */
export function incomplete(name: string, roles: readonly string[], cards: readonly TemplateCard[]): FormErrors {
  const errors: Record<string, string> = {};
  if (name.trim() === "") errors.name = "Enter a name.";
  if (roles.length === 0) errors.roles = "Name at least one role, or nobody would get this run-sheet.";
  if (cards.length === 0) errors.cards = "Add at least one card.";
  else if (cards.some((card) => card.kind === "question" && card.question.trim() === "")) errors.cards = "Write the question on each question card, or remove the card.";
  return errors;
}
