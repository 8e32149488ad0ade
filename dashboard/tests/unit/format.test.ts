// How numbers and times read.
import {describe, expect, test} from 'vitest';
import {format_age, format_assignment, format_duration, format_number, plural, span_ms, words_of} from '../../src/logic/format';

describe('numbers', () => {
  test.each([
    [0, '0'], [1, '1'], [0.1, '0.1'], [0.123456, '0.12346'], [-0.5, '−0.5'], [12345.678, '12346'], [12.3456789, '12.346'],
    [1500, '1500'], [10000, '10\u2009000'], [1234567, '1\u2009234\u2009567'], [0.00001234, '1.234e−5'], [1e-7, '1e−7'],
    [2.5e12, '2.5e12'], [123456789.5, '123456790'], [Infinity, '∞'], [-Infinity, '−∞'], [NaN, 'NaN'], [null, '–'],
    [undefined, '–'], ['', '–'], ['0.25', '0.25'], ['text', 'text'],
  ])('%s reads %s', (value, text) => expect(format_number(value)).toBe(text));

  test('a short assignment keeps the digits it was given', () => {
    expect(format_assignment('0.10')).toBe('0.10');
    expect(format_assignment('0.0612345678')).toBe('0.061235');
    expect(format_assignment('linear-long-name')).toBe('linear-long-name');
    expect(format_assignment(undefined)).toBe('–');
  });
});

describe('times', () => {
  test.each([
    [0, '0 ms'], [850, '850 ms'], [1500, '1.5 s'], [12_400, '12 s'], [59_960, '1m 00s'], [200_000, '3m 20s'],
    [7_500_000, '2h 05m'], [270_000_000, '3d 3h'], [-5, '0 ms'], [null, '–'],
  ])('a duration of %s ms reads %s', (ms, text) => expect(format_duration(ms)).toBe(text));

  test.each([[5_000, '5s'], [119_000, '119s'], [150_000, '2m30s'], [1_200_000, '20m'], [7_200_000, '2h'], [200_000_000, '2d']])(
    'an age of %s ms reads %s', (ms, text) => expect(format_age(ms)).toBe(text));

  test('a span ends now while nothing ended it', () => {
    const now = Date.parse('2026-01-01T00:00:10Z');
    expect(span_ms('2026-01-01T00:00:00Z', null, now)).toBe(10_000);
    expect(span_ms('2026-01-01T00:00:00Z', '2026-01-01T00:00:04Z', now)).toBe(4_000);
    expect(span_ms(null, null, now)).toBeNull();
    expect(span_ms('not a time', null, now)).toBeNull();
  });
});

test('states read as words', () => {
  expect(words_of('EarlyStopped')).toBe('Early stopped');
  expect(words_of('Running')).toBe('Running');
});

test('one is singular and everything else is plural', () => {
  expect([plural(0, 'trial'), plural(1, 'trial'), plural(12000, 'trial')]).toEqual(['0 trials', '1 trial', '12\u2009000 trials']);
});
