package dev.layercache.server.upstream.wire;

import java.io.IOException;

/** As many requests of one upstream are on their way as may be; this says nothing about it. */
public final class TooManyRequestsException extends IOException {
  private static final long serialVersionUID = 1;

  TooManyRequestsException(String message) {
    super(message);
  }
}
