/** The other end of upload.ts: the caller's functions are async here. */
export interface RemoteUpload {
  readonly kind: 'chunks';
  next(): Promise<string | Uint8Array | undefined>;
  stop(): Promise<void>;
}

/** The chunks that the caller gives, as `fetch` takes them: one is asked for when there is room for it. */
export function uploadStream(upload: RemoteUpload): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await upload.next();
        if (chunk === undefined) controller.close();
        else controller.enqueue(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      },
      cancel: () => upload.stop(),
    },
    // Nothing is asked for before there is somebody to send it to.
    { highWaterMark: 0 },
  );
  // Node's fetch (20 to 26) makes a copy of each request, and with it tees the body, for the case that it
  // has to be sent again. A stream never is. The copy that nobody reads would hold every chunk until the
  // request has ended, and be why cancelling never reaches the source.
  stream.tee = () => [new ReadableStream(), stream];
  return stream;
}
