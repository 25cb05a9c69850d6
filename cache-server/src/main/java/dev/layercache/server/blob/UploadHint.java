package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a door knows when an upload begins; all of it optional.
 *
 * @param id the name that the client chose; a random one when empty
 * @param digest what the client says it will send; lets the store hash with the right algorithm
 *     from the start
 * @param size bytes that the client says it will send; lets the store refuse early and choose a
 *     layout
 */
public record UploadHint(Optional<UploadId> id, Optional<Digest> digest, OptionalLong size) {
  /** Nothing is known. */
  public static final UploadHint NONE =
      new UploadHint(Optional.empty(), Optional.empty(), OptionalLong.empty());

  public UploadHint {
    if (size.isPresent() && size.getAsLong() < 0) {
      throw new IllegalArgumentException(
          "upload size: %d (expected: >= 0)".formatted(size.getAsLong()));
    }
  }

  /** An upload whose digest and size are known. */
  public static UploadHint of(Digest digest, long size) {
    return new UploadHint(Optional.empty(), Optional.of(digest), OptionalLong.of(size));
  }

  /** The same under a name that the client chose. */
  public UploadHint withId(UploadId named) {
    return new UploadHint(Optional.of(named), digest, size);
  }
}
