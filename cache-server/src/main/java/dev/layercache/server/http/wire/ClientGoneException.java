package dev.layercache.server.http.wire;

import java.io.IOException;

/** The client closed the connection, or was too slow and lost it: there is nobody to answer. */
public final class ClientGoneException extends IOException {
  private static final long serialVersionUID = 1;

  ClientGoneException(String message) {
    super(message);
  }
}
