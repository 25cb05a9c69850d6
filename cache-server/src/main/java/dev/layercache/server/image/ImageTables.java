package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.MetadataStore.Entry;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Single rows of the tables, as values instead of bytes. Thread-safe, no state. */
final class ImageTables {
  private static final byte[] START = new byte[0];

  /** Entries that are read to find a repository which names a blob. */
  private static final int MAX_LINKS = 64;

  private final MetadataStore metadata;

  ImageTables(MetadataStore metadata) {
    this.metadata = metadata;
  }

  Optional<Tag> tag(String repository, String tag) throws IOException {
    var value = metadata.get(Table.TAGS, ImageKeys.tag(repository, tag));
    return value.isEmpty() ? Optional.empty() : Optional.of(ImageRecords.tag(tag, value.get()));
  }

  /** The digest that a reference is, or that a tag points to. */
  Optional<Digest> digestOf(String repository, String reference) throws IOException {
    if (reference.indexOf(':') >= 0) {
      return Optional.of(Digest.parse(reference));
    }
    ImageReference.requireTag(reference);
    return tag(repository, reference).map(tag -> tag.manifest().digest());
  }

  Optional<ManifestRecord> manifest(String repository, Digest digest) throws IOException {
    var value = metadata.get(Table.MANIFESTS, ImageKeys.digest(repository, digest));
    return value.isEmpty() ? Optional.empty() : Optional.of(ImageRecords.manifest(value.get()));
  }

  /** Whether the repository has any manifest; every tag has one. */
  boolean exists(String repository) throws IOException {
    return hasAny(Table.MANIFESTS, repository);
  }

  boolean hasTombstones(String repository) throws IOException {
    return hasAny(Table.TOMBSTONES, repository);
  }

  boolean isDeleted(String repository, Digest blob) throws IOException {
    return metadata.get(Table.TOMBSTONES, ImageKeys.digest(repository, blob)).isPresent();
  }

  /** Tags that point to a manifest, among the first {@code most} that ever did. */
  List<Tag> tagsOf(String repository, Digest manifest, int most) throws IOException {
    var tags = new ArrayList<Tag>();
    byte[] prefix = ImageKeys.digest(repository, manifest);
    for (Entry entry : metadata.scan(Table.TAGGED, prefix, START, most)) {
      tag(repository, ImageKeys.taggedTagOf(entry.key()))
          .filter(tag -> tag.manifest().digest().equals(manifest))
          .ifPresent(tags::add);
    }
    return tags;
  }

  /**
   * Changes that forget up to {@code most} entries of TAGGED of a manifest, and those of its tags
   * that still point to it; empty when none are left.
   */
  List<Change> untag(String repository, Digest manifest, int most) throws IOException {
    var changes = new ArrayList<Change>();
    byte[] prefix = ImageKeys.digest(repository, manifest);
    for (Entry entry : metadata.scan(Table.TAGGED, prefix, START, most)) {
      String name = ImageKeys.taggedTagOf(entry.key());
      changes.add(new Change.Delete(Table.TAGGED, entry.key()));
      var tag = tag(repository, name);
      if (tag.isPresent() && tag.get().manifest().digest().equals(manifest)) {
        changes.add(new Change.Delete(Table.TAGS, ImageKeys.tag(repository, name)));
      }
    }
    return changes;
  }

  /** From the first entries of LINKS. */
  List<String> repositoriesNaming(Digest blob) throws IOException {
    var links = metadata.scan(Table.LINKS, ImageKeys.links(blob), START, MAX_LINKS);
    return links.stream().map(link -> ImageKeys.linkRepositoryOf(link.key())).distinct().toList();
  }

  private boolean hasAny(Table table, String repository) throws IOException {
    return !metadata.scan(table, ImageKeys.repository(repository), START, 1).isEmpty();
  }
}
