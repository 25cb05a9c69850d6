package dev.layercache.server.http.wire;

import java.time.Duration;

/**
 * Every limit of the HTTP layer. What a route accepts as a body is bounded where it is read: blobs
 * by the store, manifests by {@link dev.layercache.oci.ManifestParser#MAX_BYTES}.
 *
 * @param maxConnections open at once; the next one gets a 503 and is closed
 * @param maxRequestLine bytes of method, target and version; beyond it 414
 * @param maxHeader bytes of all header lines; beyond it 431
 * @param headerDeadline from the first byte of a request to the end of its header; then 408
 * @param keepAlive a connection without a request is closed after this
 * @param bodyIdle longest wait for the next byte of a body; then 408
 * @param bodyGrace time that a body may take to arrive, whatever its rate
 * @param minBodyRate bytes a second that a body must arrive with, counted after the grace and only
 *     while the server waits for the client; below it 408
 * @param sendIdle longest time without the client taking a byte of an answer; then the connection
 *     is closed
 * @param linger how long bytes are still read, and thrown away, after an answer that ends a
 *     connection, so that the answer is not lost in a reset
 * @param drain how long {@link HttpServer#close} waits for requests to end
 * @param maxQueuedBody bytes of one body that were received and not consumed yet, beyond which
 *     reading stops
 * @param maxSendBuffers 256 KiB buffers that all answers together hold at once
 */
public record HttpLimits(
    int maxConnections,
    int maxRequestLine,
    int maxHeader,
    Duration headerDeadline,
    Duration keepAlive,
    Duration bodyIdle,
    Duration bodyGrace,
    long minBodyRate,
    Duration sendIdle,
    Duration linger,
    Duration drain,
    int maxQueuedBody,
    int maxSendBuffers) {

  /** What is right for a fleet of build machines. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          16_384,
          16 << 10,
          32 << 10,
          Duration.ofSeconds(15),
          Duration.ofSeconds(90),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          1024,
          Duration.ofMinutes(5),
          Duration.ofSeconds(3),
          Duration.ofSeconds(20),
          1 << 20,
          512);

  /** The same with another number of connections. */
  public HttpLimits withConnections(int most) {
    return new HttpLimits(
        most,
        maxRequestLine,
        maxHeader,
        headerDeadline,
        keepAlive,
        bodyIdle,
        bodyGrace,
        minBodyRate,
        sendIdle,
        linger,
        drain,
        maxQueuedBody,
        maxSendBuffers);
  }

  /** The same with another largest header, and time for it to arrive. */
  public HttpLimits withHeader(int bytes, Duration deadline) {
    return new HttpLimits(
        maxConnections,
        maxRequestLine,
        bytes,
        deadline,
        keepAlive,
        bodyIdle,
        bodyGrace,
        minBodyRate,
        sendIdle,
        linger,
        drain,
        maxQueuedBody,
        maxSendBuffers);
  }

  /** The same with another time that a connection may be without a request. */
  public HttpLimits withKeepAlive(Duration most) {
    return new HttpLimits(
        maxConnections,
        maxRequestLine,
        maxHeader,
        headerDeadline,
        most,
        bodyIdle,
        bodyGrace,
        minBodyRate,
        sendIdle,
        linger,
        drain,
        maxQueuedBody,
        maxSendBuffers);
  }

  /** The same with another pace of bodies. */
  public HttpLimits withBody(Duration idle, long rate) {
    return new HttpLimits(
        maxConnections,
        maxRequestLine,
        maxHeader,
        headerDeadline,
        keepAlive,
        idle,
        bodyGrace,
        rate,
        sendIdle,
        linger,
        drain,
        maxQueuedBody,
        maxSendBuffers);
  }

  /** The same with another time without the client taking a byte. */
  public HttpLimits withSendIdle(Duration most) {
    return new HttpLimits(
        maxConnections,
        maxRequestLine,
        maxHeader,
        headerDeadline,
        keepAlive,
        bodyIdle,
        bodyGrace,
        minBodyRate,
        most,
        linger,
        drain,
        maxQueuedBody,
        maxSendBuffers);
  }

  /** The same with another time to wait for requests to end. */
  public HttpLimits withDrain(Duration wanted) {
    return new HttpLimits(
        maxConnections,
        maxRequestLine,
        maxHeader,
        headerDeadline,
        keepAlive,
        bodyIdle,
        bodyGrace,
        minBodyRate,
        sendIdle,
        linger,
        wanted,
        maxQueuedBody,
        maxSendBuffers);
  }
}
