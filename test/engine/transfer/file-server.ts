import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  url: string;
  /** Every request, as `GET /path range`. */
  log: string[];
  close(): Promise<void>;
}

/** A real HTTP server on a free local port; the tests say how each path answers. */
export async function serve(answers: Record<string, Answer>): Promise<FileServer> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    log.push([request.method, path, request.headers.range].filter(Boolean).join(' '));
    const answer = answers[path];
    if (answer) answer(request, response);
    else response.writeHead(404).end('not here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves a file with ranges and an entity tag, as a package registry does. */
export function file(bytes: Uint8Array, tag: string | undefined = '"one"'): Answer {
  return (request, response) => {
    const start = rangeStart(request, tag);
    if (start > 0 && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(start > 0 ? 206 : 200, {
      ...(tag !== undefined && { etag: tag }),
      'content-length': bytes.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.end(bytes.subarray(start));
  };
}

/** As `file`, but the connection breaks after `after` bytes of each answer, the first `times` times. */
export function breaking(bytes: Uint8Array, after: number, times: number, tag = '"one"'): Answer {
  let left = times;
  return (request, response) => {
    if (left-- <= 0) {
      file(bytes, tag)(request, response);
      return;
    }
    const start = rangeStart(request, tag);
    response.writeHead(start > 0 ? 206 : 200, {
      etag: tag,
      'content-length': bytes.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.write(bytes.subarray(start, start + after), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Sends `head` and then nothing more, until the client goes. */
export function stalling(bytes: Uint8Array, head: number): Answer {
  return (_request, response) => {
    response.writeHead(200, { etag: '"one"', 'content-length': bytes.length });
    response.write(bytes.subarray(0, head));
  };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => void response.writeHead(code, headers).end();
}

/** Each request takes the next answer; the last one stays. */
export function inTurn(...answers: Answer[]): Answer {
  let next = 0;
  return (request, response) => answers[Math.min(next++, answers.length - 1)](request, response);
}

function rangeStart(request: IncomingMessage, tag: string | undefined): number {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== tag) return 0;
  return Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
}
