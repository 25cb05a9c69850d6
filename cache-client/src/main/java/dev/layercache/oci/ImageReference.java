package dev.layercache.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code REPOSITORY[:TAG][@DIGEST]}, without a host (OCI distribution-spec, "Pulling manifests").
 *
 * @param repository at most 255 characters of lower-case path components
 * @param tag at most 128 characters
 * @param digest wins over the tag when both are given
 */
public record ImageReference(String repository, Optional<String> tag, Optional<Digest> digest) {
  /** The tag that is meant when none is given. */
  public static final String DEFAULT_TAG = "latest";

  private static final int MAX_REPOSITORY = 255;
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  public ImageReference {
    requireRepository(repository);
    tag.ifPresent(ImageReference::requireTag);
  }

  /**
   * Reads {@code REPOSITORY[:TAG][@DIGEST]}.
   *
   * @throws IllegalArgumentException if it is not of that form; the message says which part is
   *     wrong
   */
  public static ImageReference parse(String text) {
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    return new ImageReference(rest, tag, digest);
  }

  /** Whether {@code repository} follows the specification's grammar and length. */
  public static boolean isRepository(String repository) {
    return repository.length() <= MAX_REPOSITORY && REPOSITORY.matcher(repository).matches();
  }

  /** Whether {@code tag} follows the specification's grammar and length. */
  public static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** The tag, or {@code latest}. */
  public String tagOrDefault() {
    return tag.orElse(DEFAULT_TAG);
  }

  /** What names the manifest in its repository: the digest, else the tag, else {@code latest}. */
  public String manifestReference() {
    return digest.map(Digest::toString).orElseGet(this::tagOrDefault);
  }

  @Override
  public String toString() {
    return repository + tag.map(t -> ':' + t).orElse("") + digest.map(d -> "@" + d).orElse("");
  }

  /**
   * @throws IllegalArgumentException if {@code repository} breaks the grammar; the message says
   *     what was given and expected
   */
  public static void requireRepository(String repository) {
    if (!isRepository(repository)) {
      throw new IllegalArgumentException(
          "repository name: '%s' (expected: lower-case letters, digits and . _ - in components separated by /, at most %d characters)"
              .formatted(
                  repository.length() > MAX_REPOSITORY
                      ? repository.length() + " characters"
                      : repository,
                  MAX_REPOSITORY));
    }
  }

  /**
   * @throws IllegalArgumentException if {@code tag} breaks the grammar; the message says what was
   *     given and expected
   */
  public static void requireTag(String tag) {
    if (!isTag(tag)) {
      throw new IllegalArgumentException(
          "tag: '%s' (expected: letters, digits and . _ -, not starting with . or -, at most 128 characters)"
              .formatted(tag.length() > 128 ? tag.length() + " characters" : tag));
    }
  }
}
