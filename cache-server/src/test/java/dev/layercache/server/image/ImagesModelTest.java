package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Sequences of puts, deletions and tag moves against two maps that say what must come out. */
class ImagesModelTest {
  private static final List<String> REPOSITORIES = List.of("a", "a-b", "a/b");
  private static final List<String> TAGS = List.of("x", "x-y", "y");
  private static final int IMAGES = 3;

  enum Kind {
    PUT,
    PUT_TAGGED,
    DELETE_TAG,
    DELETE_MANIFEST,
    DELETE_BLOB,
    RESTORE_BLOB
  }

  record Step(Kind kind, String repository, String tag, int image) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.values()),
            Arbitraries.of(REPOSITORIES),
            Arbitraries.of(TAGS),
            Arbitraries.integers().between(0, IMAGES - 1))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  /** What one repository should hold: images by number. */
  private static final class Model {
    final Map<String, Integer> tags = new TreeMap<>();
    final Set<Integer> manifests = new HashSet<>();
    final Set<Integer> deletedLayers = new HashSet<>();
  }

  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;
  private final Map<String, Model> models = new TreeMap<>();
  private final byte[][] bytes = new byte[IMAGES][];
  private final Descriptor[] layers = new Descriptor[IMAGES];
  private final Descriptor[] manifests = new Descriptor[IMAGES];

  ImagesModelTest() throws IOException {
    for (int i = 0; i < IMAGES; i++) {
      layers[i] = fixture.layer("layer " + i);
      bytes[i] = ManifestJson.manifest(fixture.config("{}"), layers[i]).bytes();
      manifests[i] = fixture.put("elsewhere", bytes[i]);
    }
    REPOSITORIES.forEach(name -> models.put(name, new Model()));
  }

  @Property(tries = 300)
  void everyQuestionIsAnsweredAsTheModelSays(@ForAll("steps") List<Step> steps) throws IOException {
    for (Step step : steps) {
      apply(step);
    }
    for (var entry : models.entrySet()) {
      check(entry.getKey(), entry.getValue());
    }
    var expected = models.keySet().stream().filter(r -> !model(r).manifests.isEmpty());
    assertThat(images.repositories("", 3).items().stream().filter(r -> !r.equals("elsewhere")))
        .containsExactlyElementsOf(expected.toList());
  }

  private Model model(String repository) {
    return Objects.requireNonNull(models.get(repository));
  }

  private void apply(Step step) throws IOException {
    var model = model(step.repository());
    int image = step.image();
    switch (step.kind()) {
      case PUT -> put(step, List.of());
      case PUT_TAGGED -> put(step, List.of(step.tag()));
      case DELETE_TAG ->
          assertThat(images.deleteTag(step.repository(), step.tag()))
              .isEqualTo(model.tags.remove(step.tag()) != null);
      case DELETE_MANIFEST -> {
        assertThat(images.deleteManifest(step.repository(), manifests[image].digest()))
            .isEqualTo(model.manifests.remove(image));
        model.tags.values().removeIf(tagged -> tagged == image);
      }
      case DELETE_BLOB ->
          assertThat(images.deleteBlob(step.repository(), layers[image].digest()))
              .isEqualTo(model.deletedLayers.add(image));
      case RESTORE_BLOB -> {
        images.restoreBlob(step.repository(), layers[image].digest());
        model.deletedLayers.remove(image);
      }
    }
  }

  private void put(Step step, List<String> tags) throws IOException {
    var model = model(step.repository());
    try {
      images.put(step.repository(), Optional.empty(), tags, bytes[step.image()], "");
    } catch (MissingBlobsException e) {
      assertThat(model.deletedLayers).contains(step.image());
      return;
    }
    assertThat(model.deletedLayers).doesNotContain(step.image());
    model.manifests.add(step.image());
    tags.forEach(tag -> model.tags.put(tag, step.image()));
  }

  private void check(String repository, Model model) throws IOException {
    if (model.manifests.isEmpty()) {
      assertThat(images.tags(repository, "", 10)).isEmpty();
    } else {
      assertThat(fixture.tagNames(repository)).containsExactlyElementsOf(model.tags.keySet());
    }
    assertThat(images.countTags(repository)).isEqualTo(model.tags.size());
    for (String tag : TAGS) {
      var image = Optional.ofNullable(model.tags.get(tag));
      var served = image.filter(i -> !model.deletedLayers.contains(i));
      assertThat(images.resolve(repository, tag).map(StoredManifest::descriptor))
          .isEqualTo(served.map(i -> manifests[i]));
    }
    for (int i = 0; i < IMAGES; i++) {
      boolean served = model.manifests.contains(i) && !model.deletedLayers.contains(i);
      assertThat(images.get(repository, manifests[i].digest().toString()).isPresent())
          .isEqualTo(served);
      assertThat(images.isDeleted(repository, layers[i].digest()))
          .isEqualTo(model.deletedLayers.contains(i));
    }
  }
}
