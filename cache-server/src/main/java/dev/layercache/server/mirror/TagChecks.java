package dev.layercache.server.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When a tag was last compared with its origin. Survives a restart, so that a restart costs no
 * requests.
 *
 * <pre>
 * TAG_CHECKS  repository 0 tag  ->  1, milliseconds since 1970 (8)
 * </pre>
 */
final class TagChecks {
  private static final byte VERSION = 1;

  private final MetadataStore metadata;

  TagChecks(MetadataStore metadata) {
    this.metadata = metadata;
  }

  Optional<Instant> last(String repository, String tag) throws IOException {
    var value = metadata.get(Table.TAG_CHECKS, key(repository, tag));
    if (value.isEmpty() || value.get().length != 1 + Long.BYTES || value.get()[0] != VERSION) {
      return Optional.empty();
    }
    return Optional.of(Instant.ofEpochMilli(ByteBuffer.wrap(value.get()).getLong(1)));
  }

  void checked(String repository, String tag, Instant now) throws IOException {
    var value = ByteBuffer.allocate(1 + Long.BYTES).put(VERSION).putLong(now.toEpochMilli());
    metadata.write(List.of(new Change.Put(Table.TAG_CHECKS, key(repository, tag), value.array())));
  }

  void forget(String repository, String tag) throws IOException {
    metadata.write(List.of(new Change.Delete(Table.TAG_CHECKS, key(repository, tag))));
  }

  private static byte[] key(String repository, String tag) {
    return (repository + '\0' + tag).getBytes(UTF_8);
  }
}
