/** Reads the text format of Prometheus, as far as tests need it. */

export type Scrape = {
  /** The value of each series, by its name and labels as they are printed. */
  samples: Map<string, number>;
  /** The type of each metric, by its name. */
  types: Map<string, string>;
};

export function readScrape(text: string): Scrape {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.split("\n")) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type?.[1] && type[2]) types.set(type[1], type[2]);
    if (line === "" || line.startsWith("#")) continue;
    const end = line.lastIndexOf(" ");
    samples.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return { samples, types };
}

/** Returns the name of the metric that a series belongs to: without the suffixes of a histogram. */
export const metricOf = (series: string, { types }: Pick<Scrape, "types">): string => {
  const name = series.split("{", 1)[0] ?? "";
  return types.has(name) ? name : name.replace(/_(bucket|count|sum)$/, "");
};
