package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What {@code index.json} of a layout names (OCI image-spec, "index.json file"). */
final class LayoutIndex {
  static final String FILE = "index.json";
  static final String MARKER = "oci-layout";
  static final String MARKER_CONTENT = "{\"imageLayoutVersion\":\"1.0.0\"}";
  static final String REF_NAME = "org.opencontainers.image.ref.name";

  /** OCI image-spec, "Pre-Defined Annotation Keys": the grammar of ref.name. */
  private static final Pattern TAG =
      Pattern.compile(
          "[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*(?:/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*");

  private static final int MAX_TAG = 255;

  /** Most tags that a message lists. */
  private static final int LISTED = 20;

  private final LayoutFiles files;
  private final List<Descriptor> entries;

  private LayoutIndex(LayoutFiles files, List<Descriptor> entries) {
    this.files = files;
    this.entries = entries;
  }

  static void requireTag(String tag) {
    // Bounded first: the pattern is not run over text of any length.
    if (tag.length() > MAX_TAG || !(TAG.matcher(tag).matches() || ImageReference.isTag(tag))) {
      throw new IllegalArgumentException(
          "tag: '%s' (expected: letters and digits, separated by one of - . _ : @ + /, at most %d characters)"
              .formatted(tag.length() > MAX_TAG ? tag.length() + " characters" : tag, MAX_TAG));
    }
  }

  /** Checks that {@code files} says of itself that it is a layout of a version known here. */
  static void requireLayout(LayoutFiles files) throws IOException {
    if (files.size(MARKER).isEmpty()) {
      throw new IOException("%s is not an OCI layout: it has no file %s".formatted(files, MARKER));
    }
    String version =
        BoundedJson.read(files, MARKER).path("imageLayoutVersion").asText("(none given)");
    if (!version.startsWith("1.")) {
      throw new IOException(
          "%s has imageLayoutVersion %s (expected: 1.0.0)".formatted(files, version));
    }
  }

  static LayoutIndex read(LayoutFiles files) throws IOException {
    byte[] bytes = files.readAll(FILE, ManifestParser.MAX_BYTES);
    try {
      return new LayoutIndex(files, ManifestParser.parse(bytes, MediaTypes.OCI_INDEX).manifests());
    } catch (InvalidManifestException e) {
      throw new InvalidManifestException("%s: %s: %s".formatted(files, FILE, e.getMessage()), e);
    }
  }

  List<Descriptor> entries() {
    return entries;
  }

  /** The image called {@code tag}; without one the only image, else the one called latest. */
  Descriptor select(Optional<String> tag) throws IOException {
    if (tag.isEmpty() && entries.size() == 1) {
      return entries.get(0);
    }
    String wanted = tag.orElse(ImageReference.DEFAULT_TAG);
    List<Descriptor> found =
        entries.stream().filter(entry -> wanted.equals(entry.annotations().get(REF_NAME))).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    if (entries.isEmpty()) {
      throw new IOException("%s is an OCI layout without any image".formatted(files));
    }
    if (found.size() > 1) {
      throw new IOException(
          "%s has %d images tagged %s (expected: one)".formatted(files, found.size(), wanted));
    }
    throw new IOException(
        tag.isPresent()
            ? "%s has no image tagged %s (it has: %s)".formatted(files, wanted, tags())
            : "%s has %d images: say which one by its tag (it has: %s)"
                .formatted(files, entries.size(), tags()));
  }

  private String tags() {
    List<String> tags =
        entries.stream()
            .limit(LISTED)
            .map(entry -> entry.annotations().getOrDefault(REF_NAME, "untagged " + entry.digest()))
            .map(tag -> tag.length() > MAX_TAG ? tag.substring(0, MAX_TAG) + "..." : tag)
            .toList();
    return String.join(", ", tags)
        + (entries.size() > LISTED ? " and %d more".formatted(entries.size() - LISTED) : "");
  }
}
