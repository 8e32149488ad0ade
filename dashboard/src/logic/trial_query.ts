// The filter line above the trials table: `lr<1e-3 state=Succeeded oom`. Terms are joined by space or `and`;
// a term with an operator compares one column, a bare word is looked for in name, state, reason and why.
import type {TrialSummary} from '../api/types';

export type Operator = '<' | '<=' | '>' | '>=' | '=' | '!=' | '~';

export type Term = {word: string} | {column: string; operator: Operator; value: string};

export interface TrialQuery {
  terms: Term[];
  /** Why the text can't be understood, in one sentence; the terms before it still count. */
  problem: string | null;
}

const TERM = /^([\w.\-/]+)\s*(<=|>=|!=|==|=|<|>|~)\s*("[^"]*"|\S+)?/;
const WORD = /^("[^"]*"|\S+)/;

export function parse_query(text: string, columns: readonly string[]): TrialQuery {
  const terms: Term[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const comparison = TERM.exec(rest);
    if (comparison) {
      const [whole, column = '', operator = '=', value] = comparison;
      if (value === undefined) return {terms, problem: `"${column} ${operator}" needs a value, as in ${column}${operator}0.1.`};
      const known = columns.find((c) => c.toLowerCase() === column.toLowerCase());
      if (known === undefined) return {terms, problem: `There is no column "${column}". Known: ${columns.join(', ')}.`};
      terms.push({column: known, operator: (operator === '==' ? '=' : operator) as Operator, value: unquote(value)});
      rest = rest.slice(whole.length).trimStart();
      continue;
    }
    const word = WORD.exec(rest)?.[0] ?? rest;
    if (word.toLowerCase() !== 'and') terms.push({word: unquote(word).toLowerCase()});
    rest = rest.slice(word.length).trimStart();
  }
  return {terms, problem: null};
}

function unquote(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

export type CellReader = (trial: TrialSummary, column: string) => string | number | null;

export function matches(trial: TrialSummary, query: TrialQuery, read: CellReader): boolean {
  return query.terms.every((term) => ('word' in term ? has_word(trial, term.word) : compare(trial, term, read)));
}

function has_word(trial: TrialSummary, word: string): boolean {
  return [trial.name, trial.state, trial.reason, trial.why].some((text) => text?.toLowerCase().includes(word));
}

function compare(
  trial: TrialSummary, term: {column: string; operator: Operator; value: string}, read: CellReader,
): boolean {
  const cell = read(trial, term.column);
  if (cell === null) return term.operator === '!=';
  const left = typeof cell === 'number' ? cell : Number(cell);
  const right = Number(term.value);
  const numeric = cell !== '' && !Number.isNaN(left) && !Number.isNaN(right);
  const text = String(cell).toLowerCase();
  const wanted = term.value.toLowerCase();
  switch (term.operator) {
    case '=': return numeric ? left === right : text === wanted;
    case '!=': return numeric ? left !== right : text !== wanted;
    case '~': return text.includes(wanted);
    case '<': return numeric && left < right;
    case '<=': return numeric && left <= right;
    case '>': return numeric && left > right;
    case '>=': return numeric && left >= right;
  }
}
