/** The project speaks of itself alone: no paths of somebody's machine, no trackers, no way of working. */
import type { Violation } from './source.ts';

const foreign: readonly (readonly [RegExp, string])[] = [
  [/\/work\//, "a path of somebody's machine"],
  [/\/tmp\/(?:brief|strangers)\b/, "a path of somebody's machine"],
  [/\.\.\/shared\b/, 'a folder beside the project'],
  [/(?<![\w/.-])(?:design|protocols|strangers)\/[A-Za-z-]+\.(?:md|json)\b/, 'a document beside the project'],
  [/\bfarm-[a-z]+/, 'a tool that is not of the project'],
  [/\bissues? #?\d+\b/i, 'a tracker'],
  [/\b(?:work|working|coding|earlier|previous|next) sessions? (?:of|in) (?:this|the) project\b/i, 'a way of working'],
  [/\b(?:language model|LLM|chatbot|AI assistant|Claude|ChatGPT|Copilot)\b/, 'a way of working'],
];

/** Every line of one text that speaks of something else than the project. */
export function checkProse(path: string, text: string): Violation[] {
  return text.split('\n').flatMap((line, index) =>
    foreign.flatMap(([pattern, what]) => {
      const said = pattern.exec(line);
      return said === null ? [] : [{ path, line: index + 1, what: `'${said[0]}' is ${what}`, rule: 'the project speaks of itself alone' }];
    }),
  );
}
