package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Entry;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lists, a page at a time. Thread-safe, no state. */
final class Listings {
  /** Most items of a page, whatever the caller asks for. */
  static final int MAX_PAGE = 1_000;

  /**
   * Most bytes of a page of more than one referrer: they carry free text, and clients read no more
   * than 4 MiB of JSON.
   */
  private static final int MAX_REFERRER_BYTES = 3 << 20;

  /** Referrers read at once: each may be as large as a manifest. */
  private static final int REFERRERS_AT_ONCE = 8;

  private static final byte[] START = new byte[0];

  private final MetadataStore metadata;

  Listings(MetadataStore metadata) {
    this.metadata = metadata;
  }

  Page<Tag> tags(String repository, String last, int most) throws IOException {
    int size = bounded(most);
    var entries =
        metadata.scan(
            Table.TAGS,
            ImageKeys.repository(repository),
            ImageKeys.afterTag(repository, last),
            size + 1);
    var tags = new ArrayList<Tag>();
    for (Entry entry : entries.subList(0, Math.min(size, entries.size()))) {
      tags.add(ImageRecords.tag(ImageKeys.tagOf(entry.key()), entry.value()));
    }
    boolean more = entries.size() > size;
    return new Page<>(tags, more ? Optional.of(tags.getLast().name()) : Optional.empty());
  }

  /** How many tags a repository has, counted up to {@link #MAX_PAGE}. */
  int countTags(String repository) throws IOException {
    return metadata.scan(Table.TAGS, ImageKeys.repository(repository), START, MAX_PAGE).size();
  }

  /** One seek for each repository, however many manifests it has. */
  Page<String> repositories(String last, int most) throws IOException {
    int size = bounded(most);
    var names = new ArrayList<String>();
    var next = firstAfter(last);
    while (next.isPresent() && names.size() < size) {
      names.add(next.get());
      next = firstAfter(next.get());
    }
    return new Page<>(names, next.isPresent() ? Optional.of(names.getLast()) : Optional.empty());
  }

  private Optional<String> firstAfter(String repository) throws IOException {
    var found = metadata.scan(Table.MANIFESTS, START, ImageKeys.afterRepository(repository), 1);
    return found.stream().findFirst().map(entry -> ImageKeys.repositoryOf(entry.key()));
  }

  /** Looks at no more than {@link #MAX_PAGE} referrers, of which the filter may take none. */
  Page<Descriptor> referrers(
      String repository,
      Digest subject,
      Optional<String> artifactType,
      Optional<Digest> last,
      int most)
      throws IOException {
    int size = bounded(most);
    byte[] prefix = ImageKeys.digest(repository, subject);
    byte[] from = last.map(d -> ImageKeys.afterReferrer(repository, subject, d)).orElse(START);
    var found = new ArrayList<Descriptor>();
    long bytes = 0;
    int seen = 0;
    while (true) {
      List<Entry> entries = metadata.scan(Table.REFERRERS, prefix, from, REFERRERS_AT_ONCE);
      for (Entry entry : entries) {
        var referrer = ImageRecords.referrer(entry.value());
        boolean taken = artifactType.isEmpty() || artifactType.equals(referrer.artifactType());
        boolean full = found.size() == size || bytes + entry.value().length > MAX_REFERRER_BYTES;
        if (seen == MAX_PAGE || (taken && full && !found.isEmpty())) {
          return new Page<>(found, Optional.of(ImageKeys.referrerOf(from).toString()));
        }
        if (taken) {
          found.add(referrer);
          bytes += entry.value().length;
        }
        seen++;
        from = ImageKeys.next(entry.key());
      }
      if (entries.size() < REFERRERS_AT_ONCE) {
        return new Page<>(found, Optional.empty());
      }
    }
  }

  private static int bounded(int most) {
    return Math.clamp(most, 1, MAX_PAGE);
  }
}
