package dev.layercache.server.http;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request gets an error for an answer, for a reason of the API's own. */
final class RegistryException extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final ErrorCode code;
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  /**
   * @param message what was given and what was expected
   */
  RegistryException(int status, ErrorCode code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Adds a header line to the answer. */
  RegistryException with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  int status() {
    return status;
  }

  ErrorCode code() {
    return code;
  }

  Map<String, String> headers() {
    return headers;
  }
}
