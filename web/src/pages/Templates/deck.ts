import type { CardKind } from "@/gen/evidence";
import type { TemplateCard } from "@/gen/interview";

/** newCard is a card of a kind with an identifier that no other card of the deck has. */
export function newCard(deck: readonly TemplateCard[], kind: CardKind, limit: number): TemplateCard {
  const taken = new Set(deck.map((card) => card.id));
  let id: string = kind;
  for (let n = 2; taken.has(id); n++) id = `${kind}-${n}`;
  return { id, kind, question: "", required: kind !== "question", limit_s: limit };
}
