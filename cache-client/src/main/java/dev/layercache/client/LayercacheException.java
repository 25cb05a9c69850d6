package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.util.List;

/**
 * A cache that could not do what was asked. The message names the server, what was given and what
 * was expected. Failures of the caller's own files and streams are plain {@link IOException}s.
 */
public final class LayercacheException extends IOException {
  private static final long serialVersionUID = 1;

  /** What went wrong, as far as a caller can act on it. */
  public enum Kind {
    /** No such blob, image, tag or repository. */
    NOT_FOUND,
    /** The request is wrong: repeating it is useless. */
    INVALID,
    /** The server cannot be reached or cannot answer now; it was retried as the options say. */
    UNAVAILABLE,
    /** A call passed its deadline, or a stream moved nothing for the idle timeout. */
    TIMEOUT,
    /** The server has no room or is over its limits. */
    OUT_OF_SPACE,
    /** The server does not allow it. */
    DENIED,
    /** A manifest names blobs that the server lacks: {@link LayercacheException#missing}. */
    MISSING_BLOBS,
    /** The server sent bytes that are not the content asked for; they were discarded. */
    CORRUPT,
    /** The client was closed, or the calling thread interrupted (its interrupt flag is set). */
    CANCELLED,
    /** Anything else, such as a fault inside the server. */
    FAILED
  }

  private final Kind kind;
  private final transient List<Descriptor> missing;

  /** A failure of any kind, without missing blobs. */
  public LayercacheException(Kind kind, String message) {
    super(message);
    this.kind = kind;
    this.missing = List.of();
  }

  /** A failure of any kind, without missing blobs. */
  public LayercacheException(Kind kind, String message, Throwable cause) {
    this(kind, message, cause, List.of());
  }

  LayercacheException(Kind kind, String message, Throwable cause, List<Descriptor> missing) {
    super(message, cause);
    this.kind = kind;
    this.missing = List.copyOf(missing);
  }

  public Kind kind() {
    return kind;
  }

  /**
   * With {@link Kind#MISSING_BLOBS}, what must be uploaded first: at most 1,000, even when more are
   * missing. Empty with every other kind.
   */
  public List<Descriptor> missing() {
    return missing;
  }
}
