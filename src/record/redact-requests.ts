import type { CleanText } from './redact-run.ts';
import type { RecordedRequest, RequestBatch } from './request-store.ts';

/** Cleans every text that may come from a store or a drill file. */
export function redactRequests({ hours, requests }: RequestBatch, clean: CleanText): RequestBatch {
  return {
    hours: hours.map((hour) => ({ ...hour, endpoint: clean(hour.endpoint) })),
    requests: requests.map((one) => redactRequest(one, clean)),
  };
}

function redactRequest(one: RecordedRequest, clean: CleanText): RecordedRequest {
  const maybe = (text: string | undefined) => (text === undefined ? undefined : clean(text));
  const values = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, clean(text)]));
  return {
    ...one,
    endpoint: clean(one.endpoint),
    key: maybe(one.key),
    said: maybe(one.said),
    source: clean(one.source),
    requestIds: values(one.requestIds),
    headers: values(one.headers),
  };
}
