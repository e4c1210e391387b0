import { Autocomplete } from "@mantine/core";
import { useMemo } from "react";

import { usePlaceChoices } from "@/api/queries";
import { list } from "@/lib/list";

interface Props {
  value: string;
  error: string | undefined;
  /** zone is the time zone of a place that was chosen; undefined where something was typed. */
  onChange: (place: string, zone?: string) => void;
}

/** PlaceInput takes any claimed place; one that is chosen from the list fills in its time zone too. */
export function PlaceInput({ value, error, onChange }: Props) {
  const places = usePlaceChoices();
  const labels = useMemo(() => [...new Set(list(places.data).map((place) => place.label))], [places.data]);
  const zoneOf = (label: string) => list(places.data).find((place) => place.label === label)?.zone;
  return (
    <Autocomplete label="Claimed place" placeholder="City, country" maxLength={200} limit={30} data={labels} value={value} error={error}
      description="One from the list fills in the time zone" inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(text) => onChange(text)} onOptionSubmit={(label) => onChange(label, zoneOf(label))} />
  );
}
