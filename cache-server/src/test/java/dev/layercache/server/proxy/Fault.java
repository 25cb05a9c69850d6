package dev.layercache.server.proxy;

import java.time.Duration;
import java.util.Map;

/** What goes wrong with an answer. */
public sealed interface Fault {

  /** Nothing. */
  record None() implements Fault {}

  /** The request is passed on later. */
  record Latency(Duration by) implements Fault {}

  /** The request is swallowed; the connection stays open. */
  record BlackHole() implements Fault {}

  /** This answer in place of the real one. */
  record Status(int status, Map<String, String> headers) implements Fault {
    public Status {
      headers = Map.copyOf(headers);
    }
  }

  /** The connection is reset (RST) after so many bytes of the body. */
  record Reset(long after) implements Fault {}

  /** The connection is closed (FIN) after so many bytes of the body. */
  record Truncation(long after) implements Fault {}

  /** Nothing comes any more after so many bytes of the body; the connection stays open. */
  record Stall(long after) implements Fault {}

  /** The answer has these headers, too. */
  record Headers(Map<String, String> headers) implements Fault {
    public Headers {
      headers = Map.copyOf(headers);
    }
  }

  /** One byte of the body is another; later bytes are right. */
  record WrongByte(long at) implements Fault {}
}
