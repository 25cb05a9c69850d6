package dev.layercache.oci;

import java.util.Optional;

/**
 * A kind of machine (OCI image-spec, "platform" of an image index).
 *
 * @param os as in GOOS: {@code linux}
 * @param architecture as in GOARCH: {@code amd64}
 * @param variant of the architecture: {@code v8}
 */
public record Platform(String os, String architecture, Optional<String> variant) {

  /**
   * Reads {@code os/arch[/variant]}.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    boolean blank = false;
    for (String part : parts) {
      blank |= part.isBlank();
    }
    if (parts.length < 2 || parts.length > 3 || blank) {
      throw new IllegalArgumentException(
          "platform: '%s' (expected: os/arch[/variant])".formatted(text));
    }
    return new Platform(
        parts[0], parts[1], parts.length == 3 ? Optional.of(parts[2]) : Optional.empty());
  }

  /** Whether an image for {@code this} platform serves a machine that asks for {@code wanted}. */
  public boolean serves(Platform wanted) {
    return os.equals(wanted.os)
        && architecture.equals(wanted.architecture)
        && (wanted.variant.isEmpty() || wanted.variant.equals(variant));
  }

  /** {@code os/arch[/variant]}. */
  @Override
  public String toString() {
    return os + '/' + architecture + variant.map(v -> '/' + v).orElse("");
  }
}
