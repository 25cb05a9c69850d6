package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.UploadId;
import io.grpc.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The names of ByteStream (REAPI, "ContentAddressableStorage"). The instance name in front is
 * accepted and means nothing: one store serves all.
 */
final class ResourceName {
  /** Room for a long instance name and trailing metadata; more is not a name. */
  private static final int MAX_LENGTH = 4096;

  /**
   * An id of the client's is kept up to this length, so that the whole fits an {@link UploadId}.
   */
  private static final int MAX_PLAIN_UUID = 64;

  private static final String READ_FORM = "[INSTANCE/]blobs/[FUNCTION/]HASH/SIZE";
  private static final String WRITE_FORM =
      "[INSTANCE/]uploads/UUID/blobs/[FUNCTION/]HASH/SIZE[/ANYTHING]";

  private ResourceName() {}

  /**
   * What an upload is called.
   *
   * @param id the same for every attempt of one client at one blob
   * @param blob what will be stored
   */
  record Upload(UploadId id, SizedDigest blob) {}

  /** Reads {@code [INSTANCE/]blobs/[FUNCTION/]HASH/SIZE}. */
  static SizedDigest parseRead(String name) throws StatusException {
    var parts = split(name, READ_FORM);
    int blobs = parts.indexOf("blobs");
    if (blobs < 0) {
      throw malformed(name, READ_FORM);
    }
    return blob(name, parts.subList(blobs + 1, parts.size()), READ_FORM, false);
  }

  /** Reads {@code [INSTANCE/]uploads/UUID/blobs/[FUNCTION/]HASH/SIZE[/ANYTHING]}. */
  static Upload parseWrite(String name) throws StatusException {
    var parts = split(name, WRITE_FORM);
    int uploads = parts.indexOf("uploads");
    if (uploads < 0 || parts.size() < uploads + 3 || !parts.get(uploads + 2).equals("blobs")) {
      throw malformed(name, WRITE_FORM);
    }
    var uuid = parts.get(uploads + 1);
    if (uuid.isEmpty()) {
      throw malformed(name, WRITE_FORM);
    }
    var blob = blob(name, parts.subList(uploads + 3, parts.size()), WRITE_FORM, true);
    return new Upload(uploadId(uuid, blob.digest()), blob);
  }

  private static List<String> split(String name, String form) throws StatusException {
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      throw malformed(name, form);
    }
    var parts = Arrays.asList(name.split("/", -1));
    if (parts.contains("compressed-blobs")) {
      throw GrpcErrors.invalid(
          "resource name '%s' asks for compression (expected: %s)", brief(name), form);
    }
    return parts;
  }

  private static SizedDigest blob(
      String name, List<String> parts, String form, boolean metadataFollows)
      throws StatusException {
    boolean named = parts.size() > 2 && !isNumber(parts.get(1));
    int hash = named ? 1 : 0;
    if (parts.size() < hash + 2
        || !isNumber(parts.get(hash + 1))
        || (parts.size() > hash + 2 && !metadataFollows)) {
      throw malformed(name, form);
    }
    var algorithm = named ? function(parts.get(0)) : SizedDigest.byLength(parts.get(hash));
    return SizedDigest.of(algorithm, parts.get(hash), number(name, parts.get(hash + 1), form));
  }

  private static DigestAlgorithm function(String name) throws StatusException {
    return DigestAlgorithm.byPrefix(name)
        .orElseThrow(
            () ->
                GrpcErrors.invalid(
                    "digest function '%s' is not supported (expected: sha256 or sha512)",
                    brief(name)));
  }

  private static boolean isNumber(String part) {
    return !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long number(String name, String part, String form) throws StatusException {
    try {
      return Long.parseLong(part);
    } catch (NumberFormatException e) {
      throw malformed(name, form);
    }
  }

  /** The digest is part of it: clients are known to use one UUID for several blobs. */
  private static UploadId uploadId(String uuid, Digest digest) {
    boolean plain = uuid.length() <= MAX_PLAIN_UUID && UploadId.isValid(uuid);
    var key = plain ? uuid : Digest.of(uuid.getBytes(StandardCharsets.UTF_8)).hex();
    return new UploadId(key + "." + digest.hex());
  }

  private static StatusException malformed(String name, String form) {
    return GrpcErrors.invalid("resource name '%s' is malformed (expected: %s)", brief(name), form);
  }

  private static String brief(String text) {
    return text.length() <= 300 ? text : text.substring(0, 300) + "...";
  }
}
