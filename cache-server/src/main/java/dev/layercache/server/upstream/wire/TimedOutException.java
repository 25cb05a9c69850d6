package dev.layercache.server.upstream.wire;

import java.io.IOException;

/** A peer did not do in time what it was waited for. */
public final class TimedOutException extends IOException {
  private static final long serialVersionUID = 1;

  TimedOutException(String message) {
    super(message);
  }
}
