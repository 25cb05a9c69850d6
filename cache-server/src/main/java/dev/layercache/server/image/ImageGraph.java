package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import dev.layercache.server.metadata.MetadataStore;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.MetadataStore.Entry;
import dev.layercache.server.metadata.Table;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must be kept for the sake of what: which images name a blob, and what goes when an image
 * goes. Reads index entries only, never a manifest's bytes. Thread-safe.
 *
 * <p>A <b>root</b> is a manifest that no index of its repository names and whose subject, if it has
 * one, is not in the repository. An <b>image</b> is a root with the manifests that it names, at any
 * depth, and the referrers of all of these. Images are kept or removed whole.
 */
public final class ImageGraph {
  /** Most manifests of one image; of a larger one the rest is left as images of its own. */
  public static final int MAX_MANIFESTS = 10_000;

  /** Most manifests that are looked at from one blob to its roots. */
  private static final int MAX_CLIMB = 10_000;

  private static final int AT_ONCE = 256;
  private static final int CHANGES_AT_ONCE = 1_000;
  private static final byte[] START = new byte[0];

  private final MetadataStore metadata;
  private final ImageTables tables;
  private final RepositoryLocks locks;

  ImageGraph(MetadataStore metadata, ImageTables tables, RepositoryLocks locks) {
    this.metadata = metadata;
    this.tables = tables;
    this.locks = locks;
  }

  /**
   * A manifest of a repository.
   *
   * @param repository that it was put into
   * @param digest of the manifest
   */
  public record Node(String repository, Digest digest) {}

  /**
   * An image with all that belongs to it, as it was when it was looked at.
   *
   * @param root the manifest that holds it together
   * @param manifests the root first
   * @param tags of each of those manifests that has any
   * @param blobs everything that those manifests name and that must be stored, manifests included
   */
  public record Image(
      Node root, List<Digest> manifests, Map<Digest, List<Tag>> tags, Set<Digest> blobs) {
    public Image {
      manifests = List.copyOf(manifests);
      tags = Map.copyOf(tags);
    }

    /** The tags of all its manifests. */
    public List<Tag> allTags() {
      return tags.values().stream().flatMap(List::stream).toList();
    }
  }

  /** Decides under the lock of the repository whether an image goes. */
  @FunctionalInterface
  public interface Check {
    boolean mayGo(Image image) throws IOException;
  }

  /** Runs {@code action} while nothing is removed from the repository. */
  public <T> T keeping(String repository, Action<T> action) throws IOException {
    return locks.adding(repository, action::run);
  }

  /** Something that needs the images of a repository to stay. */
  @FunctionalInterface
  public interface Action<T> {
    T run() throws IOException;
  }

  /** Whether any manifest names the blob, or is it. */
  public boolean isNamed(Digest blob) throws IOException {
    return !metadata.scan(Table.LINKS, ImageKeys.links(blob), START, 1).isEmpty();
  }

  /**
   * The roots of all images that a blob belongs to.
   *
   * @return empty when nothing names the blob; an empty optional when there are too many to look at
   */
  public Optional<List<Node>> roots(Digest blob) throws IOException {
    Set<Node> seen = new LinkedHashSet<>();
    var queue = new ArrayDeque<Node>();
    var roots = new ArrayList<Node>();
    for (var node : naming(blob)) {
      if (seen.add(node)) {
        queue.add(node);
      }
    }
    while (!queue.isEmpty()) {
      if (seen.size() > MAX_CLIMB) {
        return Optional.empty();
      }
      var node = queue.remove();
      var parents = parents(node);
      if (parents.isEmpty()) {
        roots.add(node);
      }
      for (var parent : parents) {
        if (seen.add(parent)) {
          queue.add(parent);
        }
      }
    }
    return Optional.of(roots);
  }

  /** The image of a root; empty when the repository has no such manifest. */
  public Optional<Image> image(Node root) throws IOException {
    if (tables.manifest(root.repository(), root.digest()).isEmpty()) {
      return Optional.empty();
    }
    String repository = root.repository();
    Set<Digest> manifests = new LinkedHashSet<>();
    Map<Digest, List<Tag>> tags = new LinkedHashMap<>();
    Set<Digest> blobs = new LinkedHashSet<>();
    var queue = new ArrayDeque<Digest>();
    queue.add(root.digest());
    while (!queue.isEmpty() && manifests.size() < MAX_MANIFESTS) {
      Digest digest = queue.remove();
      var manifest = tables.manifest(repository, digest);
      if (manifest.isEmpty() || !manifests.add(digest)) {
        continue;
      }
      blobs.add(digest);
      var named = tables.tagsOf(repository, digest, AT_ONCE);
      if (!named.isEmpty()) {
        tags.put(digest, named);
      }
      for (var reference : manifest.get().references()) {
        switch (reference.need()) {
          case NOTHING -> {}
          case BLOB -> blobs.add(reference.digest());
          case MANIFEST -> {
            blobs.add(reference.digest());
            queue.add(reference.digest());
          }
        }
      }
      referrers(repository, digest, MAX_MANIFESTS - manifests.size()).forEach(queue::add);
    }
    return Optional.of(new Image(root, List.copyOf(manifests), tags, blobs));
  }

  /**
   * Removes an image from its repository, with its tags: the root, and those of its manifests that
   * no other image of the repository holds and that {@code check} lets go on their own. Blobs stay.
   * What is removed is removed in an order in which a crash leaves only whole images.
   *
   * @param check is asked again, with the image as it is then, while nobody else changes it
   * @return the image that was removed; empty when it was not
   */
  public Optional<Image> remove(Node root, Check check) throws IOException {
    return locks.removing(
        root.repository(),
        () -> {
          var image = image(root);
          if (image.isEmpty() || !parents(root).isEmpty() || !check.mayGo(image.get())) {
            return Optional.empty();
          }
          removeManifests(root.repository(), image.get().manifests());
          return image;
        });
  }

  /**
   * Repositories' manifests in the order of the index, roots and others.
   *
   * @param after starts behind this one; empty starts at the first
   */
  public List<Node> manifests(Optional<Node> after, int most) throws IOException {
    byte[] from =
        after
            .map(node -> ImageKeys.next(ImageKeys.digest(node.repository(), node.digest())))
            .orElse(START);
    var found = new ArrayList<Node>();
    for (Entry entry : metadata.scan(Table.MANIFESTS, START, from, most)) {
      found.add(new Node(ImageKeys.repositoryOf(entry.key()), ImageKeys.manifestOf(entry.key())));
    }
    return found;
  }

  /** The first manifests of one repository, in the order of {@link #manifests}. */
  public List<Node> manifestsOf(String repository, int most) throws IOException {
    var found = new ArrayList<Node>();
    byte[] prefix = ImageKeys.repository(repository);
    for (Entry entry : metadata.scan(Table.MANIFESTS, prefix, START, most)) {
      found.add(new Node(repository, ImageKeys.manifestOf(entry.key())));
    }
    return found;
  }

  /**
   * The repositories in which a manifest names the blob, in lexical order.
   *
   * @param most how many at most
   */
  public List<String> repositories(Digest blob, int most) throws IOException {
    var names = new ArrayList<String>();
    byte[] prefix = ImageKeys.links(blob);
    byte[] from = START;
    while (names.size() < most) {
      var entries = metadata.scan(Table.LINKS, prefix, from, 1);
      if (entries.isEmpty()) {
        break;
      }
      String name = ImageKeys.linkRepositoryOf(entries.getFirst().key());
      names.add(name);
      from = ImageKeys.linksAfter(blob, name);
    }
    return names;
  }

  /** Whether nothing in its repository holds the manifest. */
  public boolean isRoot(Node node) throws IOException {
    return parents(node).isEmpty();
  }

  /** Root first: then what is left after a crash are images that no index names any more. */
  private void removeManifests(String repository, List<Digest> manifests) throws IOException {
    var gone = new HashSet<Digest>();
    var changes = new ArrayList<Change>();
    for (var digest : manifests) {
      var manifest = tables.manifest(repository, digest);
      boolean held =
          parents(new Node(repository, digest)).stream().anyMatch(p -> !gone.contains(p.digest()));
      if (manifest.isEmpty() || held) {
        continue;
      }
      var tags = tables.untag(repository, digest, CHANGES_AT_ONCE);
      while (tags.size() >= CHANGES_AT_ONCE) {
        metadata.write(tags);
        tags = tables.untag(repository, digest, CHANGES_AT_ONCE);
      }
      changes.addAll(tags);
      changes.addAll(new ManifestChanges(repository, digest).remove(manifest.get()).toList());
      gone.add(digest);
      if (changes.size() >= CHANGES_AT_ONCE) {
        metadata.write(changes);
        changes.clear();
      }
    }
    if (!changes.isEmpty()) {
      metadata.write(changes);
    }
  }

  /** Every manifest that names the blob, and the blob itself where it is one. */
  private List<Node> naming(Digest blob) throws IOException {
    var found = new ArrayList<Node>();
    byte[] from = START;
    while (found.size() <= MAX_CLIMB) {
      var entries = metadata.scan(Table.LINKS, ImageKeys.links(blob), from, AT_ONCE);
      for (Entry entry : entries) {
        found.add(
            new Node(
                ImageKeys.linkRepositoryOf(entry.key()), ImageKeys.linkManifestOf(entry.key())));
      }
      if (entries.size() < AT_ONCE) {
        break;
      }
      from = ImageKeys.next(entries.getLast().key());
    }
    return found;
  }

  /** What holds a manifest: indexes of its repository that name it, and its subject. */
  private List<Node> parents(Node node) throws IOException {
    var parents = new ArrayList<Node>();
    byte[] prefix = ImageKeys.linksIn(node.digest(), node.repository());
    for (Entry entry : metadata.scan(Table.LINKS, prefix, START, AT_ONCE)) {
      Digest parent = ImageKeys.linkManifestOf(entry.key());
      if (!parent.equals(node.digest())) {
        parents.add(new Node(node.repository(), parent));
      }
    }
    var subject =
        tables.manifest(node.repository(), node.digest()).flatMap(ManifestRecord::subject);
    if (subject.isPresent()
        && !subject.get().equals(node.digest())
        && tables.manifest(node.repository(), subject.get()).isPresent()) {
      parents.add(new Node(node.repository(), subject.get()));
    }
    return parents;
  }

  private List<Digest> referrers(String repository, Digest subject, int most) throws IOException {
    var found = new ArrayList<Digest>();
    byte[] prefix = ImageKeys.digest(repository, subject);
    byte[] from = START;
    while (found.size() < most) {
      var entries = metadata.scan(Table.REFERRERS, prefix, from, AT_ONCE);
      entries.forEach(entry -> found.add(ImageKeys.referrerOf(entry.key())));
      if (entries.size() < AT_ONCE) {
        break;
      }
      from = ImageKeys.next(entries.getLast().key());
    }
    return found;
  }
}
