package dev.layercache.server.retention;

import java.io.IOException;

/** Pins or leases would take more than their share. Nothing was pinned or leased. */
public final class PinLimitException extends IOException {
  private static final long serialVersionUID = 1;

  PinLimitException(String message) {
    super(message);
  }
}
