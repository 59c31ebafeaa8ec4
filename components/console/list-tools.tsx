import { Chip } from "@/components/ui/chip";
import { SearchField } from "@/components/ui/search-field";
import type { ColumnChoice } from "@/components/ui/table";
import { FilterPanel, type PanelField } from "./filter-panel";
import type { ListControls } from "./list-controls";
import type { ConsoleList, ListViewProps } from "./list-names";
import { ListPanels } from "./list-panels";
import type { ListRequest } from "./list-request";

/** The controls above a list: search, filters and order, and a chip for each active filter. */
export function ListTools<Input extends object, Field extends string>(props: {
  searchLabel: string;
  request: ListRequest<Input, Field>;
  controls: ListControls<Input, Field>;
  /** Only for a list whose columns can be chosen. */
  table?: {
    list: ConsoleList;
    columns: ColumnChoice[];
    /** Only for a list that can be exported: its name in the export's URL, and the field of the first column. */
    exported?: Pick<NonNullable<ListViewProps["exported"]>, "list" | "nameField">;
  };
}) {
  const { searchLabel, request, controls, table } = props;
  const { q: _words, ...kept } = request.kept;
  const { query, filter, orderBy } = request.variables;
  return (
    <SearchField label={searchLabel} value={request.words} kept={kept}>
      <FilterPanel path={request.path} kept={request.kept} fields={fieldsOf(controls)} />
      {table && (
        <ListPanels
          key={request.layout.requestKey}
          list={table.list}
          columns={table.columns}
          {...(table.exported && {
            exported: {
              ...table.exported,
              variables: { query, filter, orderBy },
            },
          })}
          path={request.path}
          kept={request.kept}
          shown={shownIds(table.columns, request.layout.columns)}
        />
      )}
      {request.chips.map(({ label, removed }) => (
        <Chip key={label} href={removed} label={label} removes={`Remove filter: ${label}`} />
      ))}
    </SearchField>
  );
}

const shownIds = (columns: ColumnChoice[], chosen: string[] | null) =>
  chosen ?? columns.filter(({ isOptional }) => !isOptional).map(({ id }) => id);

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
  const orders = sorts.flatMap(({ field, label, first, words }, index) => {
    const [ascending, descending] = words;
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
