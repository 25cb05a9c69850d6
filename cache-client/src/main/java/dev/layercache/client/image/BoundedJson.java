package dev.layercache.client.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** JSON from files of unknown origin, with bounded depth and size. */
final class BoundedJson {
  /** Most bytes of a document: an image's config is the largest. */
  static final int MAX_BYTES = 8 << 20;

  private static final int MAX_DEPTH = 64;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(MAX_BYTES)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private BoundedJson() {}

  /** Reads a document of {@code files}; the message of a failure names it. */
  static JsonNode read(LayoutFiles files, String path) throws IOException {
    return parse(files.readAll(path, MAX_BYTES), files + ": " + path);
  }

  static JsonNode parse(byte[] document, String name) throws IOException {
    try {
      return JSON.readTree(document);
    } catch (JsonProcessingException e) {
      throw new IOException("%s is not valid JSON: %s".formatted(name, e.getOriginalMessage()), e);
    }
  }

  static byte[] bytes(JsonNode document) throws IOException {
    return JSON.writeValueAsBytes(document);
  }
}
