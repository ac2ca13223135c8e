/** Tells what an import does: progress while it runs, each bad row with file, line and reason, a table at the end. */

/** A row that cannot be loaded; `skipped` when the source itself says that it is none of ours. */
export class BadRow extends Error {
  constructor(
    reason: string,
    readonly skipped = false,
  ) {
    super(reason);
  }
}

export interface FileReport {
  readonly file: string;
  read: number;
  written: number;
  unchanged: number;
  skipped: number;
  bad: number;
  /** Of what was there before and is no longer in the file. */
  ended: number;
  ms: number;
}

const SHOWN = 20;
const WIDTH = 30;

export interface ReportOptions {
  readonly write: (text: string) => void;
  /** True draws a bar over and over on one line. */
  readonly terminal: boolean;
  /** True shows every row that was not loaded. */
  readonly verbose: boolean;
}

export class Report {
  readonly files: FileReport[] = [];
  private readonly reasons = new Map<string, { line: number; error: BadRow }[]>();
  private began = 0;
  private drawn = 0;

  constructor(private readonly options: ReportOptions) {}

  begin(file: string): FileReport {
    const report = { file, read: 0, written: 0, unchanged: 0, skipped: 0, bad: 0, ended: 0, ms: 0 };
    this.files.push(report);
    this.began = performance.now();
    return report;
  }

  /** @param share how much of the file has been read, 0 to 1 */
  progress(report: FileReport, share: number): void {
    if (!this.options.terminal || performance.now() - this.drawn < 100) return;
    this.drawn = performance.now();
    const filled = Math.round(Math.min(share, 1) * WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    this.options.write(`\r  ${report.file.padEnd(42)} ${bar} ${report.read.toLocaleString('en')} rows`);
  }

  refuse(report: FileReport, line: number, error: BadRow): void {
    if (error.skipped) report.skipped += 1;
    else report.bad += 1;
    const known = this.reasons.get(report.file) ?? [];
    this.reasons.set(report.file, known);
    known.push({ line, error });
  }

  /** Ends a file: one line, then what was not loaded and why. */
  end(report: FileReport): void {
    report.ms = performance.now() - this.began;
    const counts = `${report.read} read, ${report.written} written, ${report.unchanged} unchanged`;
    const lost = `${report.skipped ? `, ${report.skipped} skipped` : ''}${report.bad ? `, ${report.bad} bad` : ''}${report.ended ? `, ${report.ended} ended` : ''}`;
    this.line(`  ${report.file.padEnd(42)} ${counts}${lost}`);
    const { verbose } = this.options;
    const all = this.reasons.get(report.file) ?? [];
    const listed = verbose ? all : all.filter(({ error }) => !error.skipped).slice(0, SHOWN);
    for (const { line, error } of listed) this.line(`    ${report.file}:${line}: ${error.message}`);
    const rest = all.filter(one => !listed.includes(one));
    const kinds = new Map<string, number>();
    for (const { error } of rest) {
      const kind = `${error.skipped ? 'skipped' : 'bad'}: ${kindOf(error.message)}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    for (const [kind, count] of kinds) this.line(`    … ${count} ${kind} (--verbose lists them)`);
  }

  note(text: string): void {
    this.line(`    ${text}`);
  }

  line(text = ''): void {
    this.options.write(`${this.options.terminal ? '\r\u001b[K' : ''}${text}\n`);
  }

  summary(): void {
    const head = ['file', 'read', 'written', 'unchanged', 'skipped', 'bad', 'ended', 'seconds'];
    const cells = this.files.map(one => [
      one.file,
      ...[one.read, one.written, one.unchanged, one.skipped, one.bad, one.ended].map(number =>
        number.toLocaleString('en'),
      ),
      (one.ms / 1000).toFixed(1),
    ]);
    const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => row[i]!.length)));
    const row = (texts: readonly string[]) =>
      `  ${texts.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ')}`;
    this.line();
    this.line(row(head));
    this.line(`  ${widths.map(width => '─'.repeat(width)).join('  ')}`);
    for (const texts of cells) this.line(row(texts));
  }
}

/** Reasons that differ only in what they quote are of one kind. */
const kindOf = (reason: string): string => reason.replace(/“[^”]*”/g, '“…”');
