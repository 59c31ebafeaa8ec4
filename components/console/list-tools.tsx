import { Chip } from "@/components/ui/chip";
import { SearchField } from "@/components/ui/search-field";
import { FilterPanel, type PanelField } from "./filter-panel";
import type { ListControls } from "./list-controls";
import type { ListRequest } from "./list-request";

/** The controls above a list: search, filters and order, and a chip for each active filter. */
export function ListTools<Input, Field extends string>(props: {
  searchLabel: string;
  request: ListRequest<Input, Field>;
  controls: ListControls<Input, Field>;
}) {
  const { searchLabel, request, controls } = props;
  const { q: _words, ...kept } = request.kept;
  return (
    <SearchField label={searchLabel} value={request.words} kept={kept}>
      <FilterPanel path={request.path} kept={request.kept} fields={fieldsOf(controls)} />
      {request.chips.map(({ label, removed }) => (
        <Chip key={label} href={removed} label={label} removes={`Remove filter: ${label}`} />
      ))}
    </SearchField>
  );
}

function fieldsOf<Input, Field extends string>({
  filters,
  sorts,
}: ListControls<Input, Field>): PanelField[] {
  const fields = filters.map((filter): PanelField => {
    const { kind, name, label } = filter;
    const options =
      filter.kind === "choice" ? filter.options.map(({ value, label }) => ({ value, label })) : [];
    return { kind, name, label, options: [{ value: "", label: "Any" }, ...options] };
  });
  const orders = sorts.flatMap(({ field, label, first }, index) => {
    const [ascending, descending] =
      first === "ASC" ? ["A to Z", "Z to A"] : ["oldest first", "newest first"];
    const name = field.toLowerCase();
    const both = [
      { value: name, label: `${label}, ${ascending}` },
      // The list's default order has no parameter.
      { value: index === 0 ? "" : `-${name}`, label: `${label}, ${descending}` },
    ];
    return first === "ASC" ? both : both.reverse();
  });
  return [...fields, { kind: "choice", name: "sort", label: "Sort by", options: orders }];
}
