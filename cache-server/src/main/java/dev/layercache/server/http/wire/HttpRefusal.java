package dev.layercache.server.http.wire;

import java.io.IOException;

/** The HTTP layer does not take a request, or what came of its body. */
public final class HttpRefusal extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * @param status of the answer
   * @param message what was given and what was expected
   */
  public HttpRefusal(int status, String message) {
    super(message);
    this.status = status;
  }

  /** Status of the answer. */
  public int status() {
    return status;
  }
}
